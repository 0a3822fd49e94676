//! A note about images that are numbered although a field names them.

use keyword_files::archive::Limits;
use keyword_files::records::{Format, Records};

use crate::dataset::split_source::SplitSource;
use crate::error::shown;
use crate::input_kind::InputKind;
use crate::inspect::suggest_name;

/// Records that are looked at.
const RECORDS: usize = 100;
/// Larger records are not looked at.
const LIMITS: Limits = Limits { max_member_size: 1 << 20 };

/// A note if images are named by the numbers of their records, and a field of the first records
/// certainly names them. `numbering` says how they are numbered.
pub(crate) fn note(source: &SplitSource, numbering: &str) -> Option<String> {
    let SplitSource { name, streams, fields, inputs, .. } = source;
    let file = &streams.first()?.file;
    let has_map = inputs.iter().any(|input| input.kind == InputKind::IdMap);
    let has_names = file.has_members() || file.format() == Format::Coco;
    // A pipe can be read only once.
    if fields.id.is_some() || has_map || has_names || file.stream_digest().is_some() {
        return None;
    }
    let mut field = None;
    let mut look = |records: Records| {
        let first: Vec<_> = records.iter().take(RECORDS).collect();
        if first.iter().all(|record| record.name.is_none()) {
            field = suggest_name(first.iter().filter_map(|record| record.text.ok()));
        }
        false
    };
    file.read(LIMITS, &[], &mut look).ok()?;
    let field = field.filter(|field| *field != fields.keywords.path.to_string())?;
    let quoted = keyword_files::shell::quoted(&field);
    Some(format!("{name}: images are numbered {numbering}; use --id-field {} to name them", shown(&quoted)))
}
