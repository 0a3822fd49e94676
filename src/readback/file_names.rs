//! What the files of a set are called, seen from one of them.

/// What the names of a matrix's other forms end with.
const FORMS: [&str; 6] = ["_ranges.npy", "_csr_rows.npy", "_csr.npz", "_padded_mask.npy", "_padded.npy", ".parquet"];

/// Where the pairs of the matrix `name` may stand, the likeliest first.
///
/// With layout `script` they stand in `img_keyword_rec_….npy`, and the main file holds the ranges.
pub(super) fn pairs_names(name: &str) -> Vec<String> {
    let main = FORMS.iter().find_map(|form| Some(format!("{}.npy", name.strip_suffix(form)?)));
    let main = main.unwrap_or_else(|| name.to_owned());
    let records = stem(&main, "img_keyword_ind_").map(|stem| format!("img_keyword_rec_{stem}.npy"));
    records.into_iter().chain([main]).collect()
}

/// What the vocabulary of the matrix `name` is called, if it has one of its own.
pub(super) fn vocabulary_name(name: &str) -> Option<String> {
    let main = pairs_names(name).pop()?;
    let stem = ["img_keyword_ind_", "img_keyword_rec_"].iter().find_map(|prefix| stem(&main, prefix))?;
    Some(format!("vocabulary_{stem}.json"))
}

/// Whether that is the name of a form of a matrix beside its pairs.
pub(super) fn is_other_form(name: &str) -> bool {
    FORMS.iter().any(|form| name.ends_with(form))
}

/// Whether that is the name of an id map.
pub(super) fn is_id_map(name: &str) -> bool {
    name.starts_with("id_map_") && name.ends_with(".json")
}

/// Whether that is the name of a vocabulary.
pub(super) fn is_vocabulary(name: &str) -> bool {
    name.starts_with("vocabulary_") && name.ends_with(".json")
}

fn stem<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    let stem = name.strip_prefix(prefix)?.strip_suffix(".npy")?;
    Some(stem.strip_suffix("_sparse").unwrap_or(stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_found_from_any_form_of_the_matrix() {
        let dev = "img_keyword_ind_clickture_dev_sk_6_sparse";
        let records = "img_keyword_rec_clickture_dev_sk_6.npy";
        for form in [".npy", "_ranges.npy", "_csr.npz", "_csr_rows.npy", "_padded.npy", "_padded_mask.npy", ".parquet"] {
            assert_eq!(pairs_names(&format!("{dev}{form}")), [records, &format!("{dev}.npy")]);
        }
        assert_eq!(pairs_names(records), [records]);
        assert_eq!(pairs_names("mine.npy"), ["mine.npy"]);
    }

    #[test]
    fn a_vocabulary_has_the_name_of_its_matrix() {
        let expected = Some("vocabulary_coco_sk_6.json".to_owned());
        for name in ["img_keyword_ind_coco_sk_6.npy", "img_keyword_rec_coco_sk_6.npy", "img_keyword_ind_coco_sk_6_ranges.npy"] {
            assert_eq!(vocabulary_name(name), expected);
        }
        assert_eq!(vocabulary_name("mine.npy"), None);
    }
}
