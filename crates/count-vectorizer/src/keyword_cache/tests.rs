use super::*;
use proptest::prelude::*;
use std::collections::HashMap;

/// Returns the numbers and the number of unknown terms of a keyword, if it is in the cache.
fn get(map: &KeywordCache, keyword: &str) -> Option<(Vec<u32>, u32)> {
    let mut words = vec![99];
    let short = ShortKeyword::new(keyword.as_bytes());
    let at_guess = short.and_then(|keyword| numbers_at(map, &keyword, map.guess(&keyword)));
    let elsewhere = short.and_then(|keyword| numbers_at(map, &keyword, Guess(u16::MAX)));
    let short = short.and_then(|keyword| map.extend_short(&keyword, &mut words));
    let long = LongKeyword::new(keyword.as_bytes()).and_then(|keyword| map.extend_long(&keyword, &mut words));
    assert!(short.is_none() || long.is_none());
    let found = short.or(long).map(|unknown| (words.split_off(1), unknown));
    for guessed in [at_guess, elsewhere].into_iter().flatten() {
        assert_eq!(Some(guessed), found, "an entry at a guess is right");
    }
    found
}

fn numbers_at(map: &KeywordCache, keyword: &ShortKeyword, guess: Guess) -> Option<(Vec<u32>, u32)> {
    let mut room = [0; 2];
    map.short(keyword, guess, &mut room).map(|(count, unknown)| (room[..count as usize].to_vec(), unknown))
}

fn insert(map: &mut KeywordCache, keyword: &str, numbers: &[u32], unknown: u32) {
    if let Some(keyword) = ShortKeyword::new(keyword.as_bytes()) {
        map.insert_short(&keyword, numbers, unknown);
    } else if let Some(keyword) = LongKeyword::new(keyword.as_bytes()) {
        map.insert_long(&keyword, numbers, unknown);
    }
}

#[test]
fn exactly_the_inserted_keywords_are_found() {
    let mut map = KeywordCache::default();
    let known: [(&str, &[u32], u32); 7] = [
        ("young adult", &[7, NUMBERS_END - 1], 0),
        ("", &[], 0),
        ("the x-ray", &[9], 15),
        ("old red cars", &[1, 2, 3], 4),
        ("a b c d e f g h i j k", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 0),
        ("one two red roses in a vase", &[1, 2, 3], 1),
        ("universal religious imagery of all kinds", &[4, 5, 6, NUMBERS_END - 1, 8, u32::MAX], 15),
    ];
    for (keyword, numbers, unknown) in known {
        insert(&mut map, keyword, numbers, unknown);
    }
    for (keyword, numbers, unknown) in known {
        assert_eq!(get(&map, keyword), Some((numbers.to_vec(), unknown)), "{keyword}");
    }
    assert_eq!((get(&map, "young adult\0"), get(&map, "young")), (None, None));
}

#[test]
fn nearly_all_keywords_are_found_at_their_guess() {
    let mut map = KeywordCache::default();
    let keywords: Vec<String> = (0..30_000).map(|i| format!("keyword {i}")).collect();
    keywords.iter().zip(0..).for_each(|(keyword, number)| insert(&mut map, keyword, &[number], 0));
    let is_found = |keyword: &&String| {
        let keyword = ShortKeyword::new(keyword.as_bytes()).unwrap();
        numbers_at(&map, &keyword, map.guess(&keyword)).is_some()
    };
    let found = keywords.iter().filter(is_found).count();
    assert!(found > 29_000, "{found}");
    let three = ShortKeyword::new(b"old red cars").unwrap();
    map.insert_short(&three, &[1, 2, 3], 0);
    assert_eq!(numbers_at(&map, &three, map.guess(&three)), None, "an entry has room for two");
}

#[test]
fn keywords_that_do_not_fit_are_not_cached() {
    let mut map = KeywordCache::default();
    let longest = "a".repeat(46);
    insert(&mut map, &longest, &[1], 0);
    insert(&mut map, &"a".repeat(47), &[1], 0);
    insert(&mut map, "many", &[1; 16], 0);
    insert(&mut map, "large", &[NUMBERS_END], 0);
    insert(&mut map, "unknown", &[], 16);
    assert!(get(&map, &longest).is_some());
    for keyword in ["a".repeat(47).as_str(), "many", "large", "unknown"] {
        assert_eq!(get(&map, keyword), None, "{keyword}");
    }
}

#[test]
fn memory_is_bounded_for_any_number_of_keywords() {
    let mut map = KeywordCache::default();
    for i in 0..300_000_u32 {
        insert(&mut map, &format!("keyword {i}"), &[i; 15], 0);
    }
    let KeywordCache { short, .. } = &map;
    assert!(short.entries.len() <= MOST && short.index.len() <= MOST && short.more.len() <= 15 * MOST);
    assert_eq!(get(&map, "keyword 299999"), Some((vec![299_999; 15], 0)));
}

#[test]
fn ordinary_keywords_have_hashes_of_their_own() {
    let hashes = (0..30_000).map(|i| ShortKeyword::new(format!("keyword {i}").as_bytes()).unwrap().hash);
    let distinct: std::collections::HashSet<u64> = hashes.map(|hash| hash >> 40).collect();
    assert!(distinct.len() > 29_500, "{}", distinct.len());
}

proptest! {
    #[test]
    fn a_keyword_made_ready_still_has_its_text(keyword in "[ab\0é😀]{0,30}") {
        if let Some(hashed) = LongKeyword::new(keyword.as_bytes()) {
            hashed.with_text(|text| assert_eq!(text, keyword.as_bytes()));
        } else {
            prop_assert!(keyword.len() > 46);
        }
        if let Some(hashed) = ShortKeyword::new(keyword.as_bytes()) {
            hashed.with_text(|text| assert_eq!(text, keyword.as_bytes()));
            let text = format!("{keyword}\", \"and much more behind it");
            let at = ShortKeyword::at(text.as_bytes(), keyword.len()).unwrap();
            prop_assert_eq!((at.key, at.hash), (hashed.key, hashed.hash));
        } else {
            prop_assert!(keyword.len() > 22);
        }
    }

    #[test]
    fn a_keyword_never_gets_the_numbers_of_another(
        keywords in proptest::collection::vec("[ab\0é]{0,30}", 1..200),
    ) {
        let mut map = KeywordCache::default();
        let texts = keywords.iter().map(String::as_str);
        let numbers: HashMap<&str, u32> = texts.zip(0..).collect();
        for (keyword, &number) in &numbers {
            insert(&mut map, keyword, &[number], number % 16);
        }
        for (keyword, &number) in &numbers {
            if let Some(known) = get(&map, keyword) {
                prop_assert_eq!(known, (vec![number], number % 16));
            }
        }
    }
}
