//! Options whose value is one of a few names.

use clap::builder::{PossibleValuesParser, TypedValueParser};

/// Accepts these names and converts each to its value.
pub fn choice<T: Copy + Send + Sync + 'static, const N: usize>(
    values: [(&'static str, T); N],
) -> impl TypedValueParser<Value = T> {
    let value = move |name: &str| values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    PossibleValuesParser::new(values.map(|(name, _)| name)).try_map(move |name| value(&name).ok_or("unknown value"))
}
