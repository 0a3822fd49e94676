//! Counts of encoded images.

/// The counts of one image, or of many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Keywords.
    pub keywords: u64,
    /// Words that have no number.
    pub unknown: u64,
    /// Keywords that were left out for their confidence.
    pub unsure: u64,
    /// Records with a confidence.
    pub with_confidence: u64,
    /// Images without a field of keywords.
    pub without_field: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.keywords += other.keywords;
        self.unknown += other.unknown;
        self.unsure += other.unsure;
        self.with_confidence += other.with_confidence;
        self.without_field += other.without_field;
    }
}
