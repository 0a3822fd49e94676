//! One line of a manifest: a file that was written.

use serde::{Deserialize, Serialize};

use keyword_files::npy::header::Dtype;
use keyword_files::npy::sha256::Digest;

/// One file that was written.
///
/// ```
/// use amc_keywords::{Dtype, Mscoco, Settings, Silent};
///
/// let out = std::env::temp_dir().join(format!("amc-keywords-output-{}", std::process::id()));
/// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
/// let outputs = mscoco.run(&Settings::default(), &Silent)?.outputs;
/// assert_eq!(outputs[0].name, "img_keyword_ind_coco_sk_6.npy");
/// let shape = outputs[0].shape.as_deref();
/// assert_eq!((outputs[0].dtype, shape), (Some(Dtype::Int64), Some(&[1470, 2][..])));
/// # std::fs::remove_dir_all(out).unwrap();
/// # Ok::<(), amc_keywords::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// The name of the file in the folder of the manifest.
    pub name: String,
    /// The axes of the array, if the file is an array.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Vec<u64>>,
    /// The type of the elements, if the file is an array.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dtype: Option<Dtype>,
    /// The size of the file.
    pub bytes: u64,
    /// The SHA-256 of the file as 64 lower-case hexadecimal digits.
    pub sha256: String,
}

impl Output {
    /// A file that is not an array.
    pub(crate) fn new(name: impl Into<String>, digest: Digest) -> Output {
        let Digest { bytes, sha256 } = digest;
        Output { name: name.into(), shape: None, dtype: None, bytes, sha256 }
    }
}
