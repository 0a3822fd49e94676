//! Fit, encode, write: in parallel, in order, in bounded memory.

mod documents;
mod encoder;
mod in_order;
mod keyword_map;
mod read;
