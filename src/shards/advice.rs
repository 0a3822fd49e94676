//! What to do if something that a step wrote is damaged.

/// For a counted part.
pub(super) const COUNT_AGAIN: &str = "delete the folder of the part and count it again";
/// For an encoded part.
pub(super) const ENCODE_AGAIN: &str = "delete the folder of the part and encode it again";
/// For a plan.
pub(super) const LEARN_AGAIN: &str = "run amc-keywords shards learn again";
