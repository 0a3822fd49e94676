//! Facts of a run that the matrix and the vocabulary do not contain: words that were not kept, and
//! some images with their keywords. They are in `statistics_SET.json` next to the outputs.

use serde::{Deserialize, Serialize};

/// The only format of statistics so far.
const FORMAT: u64 = 1;

/// The content of `statistics_SET.json`. The same inputs and options give the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Statistics {
    /// The format of this record, 1.
    pub format: u64,
    /// The counts of all words, or `None` if the vocabulary was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learnt: Option<Learning>,
    /// The encoded splits, in order.
    pub splits: Vec<SplitSamples>,
}

/// The counts of all words in the documents that the vocabulary was learned from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Learning {
    /// The split that the documents belong to.
    pub split: String,
    /// The number of documents, including those without a word.
    pub documents: u64,
    /// Each document frequency, rising, and the number of words that have it.
    pub document_frequencies: Vec<(u64, u64)>,
    /// The most frequent words that were not kept, with their document frequency and the reason.
    pub dropped: Vec<(String, u64, Fate)>,
}

impl Learning {
    /// Whether a run can have written the document frequencies.
    fn is_rising(&self) -> bool {
        let mut before = 0;
        self.document_frequencies.iter().all(|&(df, _)| std::mem::replace(&mut before, df) < df && df <= self.documents)
    }
}

/// Some images of a split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SplitSamples {
    pub split: String,
    pub images: Vec<SampleImage>,
}

/// The most images of a split, and keywords of an image, that are read. Runs write fewer.
const MOST_IMAGES: usize = 100;
const MOST_KEYWORDS: usize = 1000;

impl SplitSamples {
    fn is_small(&self) -> bool {
        self.images.len() <= MOST_IMAGES && self.images.iter().all(|image| image.keywords.len() <= MOST_KEYWORDS)
    }
}

/// An image with its first keywords.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SampleImage {
    pub id: u64,
    /// The name of the keyword file without folder and extension.
    pub name: String,
    /// Each keyword, with the fate of its words. A keyword that was shortened ends with `…` and has
    /// no words.
    pub keywords: Vec<(String, Vec<(String, Fate)>)>,
    /// The number of keywords that are not listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub further_keywords: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Whether a word was kept, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Fate {
    /// The word has an id.
    #[serde(rename = "kept")]
    Kept,
    /// The word is a stop word.
    #[serde(rename = "stop word")]
    StopWord,
    /// The word is a single character.
    #[serde(rename = "one letter")]
    OneLetter,
    /// The word occurs in fewer documents than `min_df`.
    #[serde(rename = "too rare")]
    TooRare,
    /// The word occurs in more documents than `max_df`.
    #[serde(rename = "too frequent")]
    TooFrequent,
    /// At least `max_features` other words are more frequent.
    #[serde(rename = "over max_features")]
    OverMaxFeatures,
    /// The given vocabulary does not contain the word.
    #[serde(rename = "not in the vocabulary")]
    Unknown,
}

impl Statistics {
    /// Statistics of a run of this program.
    pub fn new(learnt: Option<Learning>, splits: Vec<SplitSamples>) -> Statistics {
        Statistics { format: FORMAT, learnt, splits }
    }

    /// The bytes of the file: JSON on one line.
    pub fn to_json(&self) -> Vec<u8> {
        // This cannot fail: all keys are strings, and the memory takes all bytes.
        let mut bytes = serde_json::to_vec(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Reads statistics back, or returns what was expected.
    pub fn from_json(bytes: &[u8]) -> Result<Statistics, String> {
        let unlike = |error: serde_json::Error| format!("expected statistics that amc-keywords wrote: {error}");
        let statistics: Statistics = serde_json::from_slice(bytes).map_err(unlike)?;
        if statistics.format != FORMAT {
            let found = statistics.format;
            return Err(format!("expected statistics of format {FORMAT}, found {found}"));
        }
        if !statistics.splits.iter().all(SplitSamples::is_small) {
            return Err(format!(
                "expected at most {MOST_IMAGES} sample images of a split and {MOST_KEYWORDS} \
                 keywords of an image"
            ));
        }
        match &statistics.learnt {
            Some(learnt) if !learnt.is_rising() => {
                Err(format!("expected rising document frequencies from 1 to {}, the number of documents", learnt.documents))
            }
            _ => Ok(statistics),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learnt(document_frequencies: &[(u64, u64)]) -> Statistics {
        let document_frequencies = document_frequencies.to_vec();
        let dropped = vec![("rare".into(), 1, Fate::TooRare)];
        Statistics::new(Some(Learning { split: "dev".into(), documents: 9, document_frequencies, dropped }), Vec::new())
    }

    #[test]
    fn statistics_are_one_line_and_are_read_back() {
        let statistics = learnt(&[(1, 2), (9, 1)]);
        let json = String::from_utf8(statistics.to_json()).unwrap();
        let expected = r#"{"format":1,"learnt":{"split":"dev","documents":9,"document_frequencies":[[1,2],[9,1]],"dropped":[["rare",1,"too rare"]]},"splits":[]}"#;
        assert_eq!(json, format!("{expected}\n"));
        assert_eq!(Statistics::from_json(json.as_bytes()), Ok(statistics));
    }

    #[test]
    fn values_that_no_run_writes_are_refused() {
        for frequencies in [&[(0, 1)][..], &[(2, 1), (2, 1)], &[(3, 1), (2, 1)], &[(10, 1)]] {
            let message = Statistics::from_json(&learnt(frequencies).to_json()).unwrap_err();
            assert_eq!(message, "expected rising document frequencies from 1 to 9, the number of documents");
        }
        let keywords = |count| vec![("dog".to_owned(), Vec::new()); count];
        let image = |count| SampleImage { id: 1, name: "1".into(), keywords: keywords(count), further_keywords: 0 };
        for (images, is_small) in [(vec![image(1); 100], true), (vec![image(1); 101], false), (vec![image(1001)], false)] {
            let statistics = Statistics::new(None, vec![SplitSamples { split: "dev".into(), images }]);
            let read = Statistics::from_json(&statistics.to_json()).map(drop);
            let message = "expected at most 100 sample images of a split and 1000 keywords of an \
                        image"
                .to_owned();
            assert_eq!(read, if is_small { Ok(()) } else { Err(message) });
        }
        let message = Statistics::from_json(b"{}").unwrap_err();
        assert!(message.starts_with("expected statistics that amc-keywords wrote: missing field `format`"), "{message}");
    }
}
