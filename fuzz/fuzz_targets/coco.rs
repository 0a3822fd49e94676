#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| amc_keywords_fuzz::coco(bytes));
