//! Which columns of a table are read, and under which keys.

use std::collections::HashSet;

/// The columns that are read.
pub(super) struct Columns {
    /// What is written before the value of each column. Columns that are not read have nothing.
    starts: Vec<Option<Vec<u8>>>,
    /// The other columns from one on, which are read as a list.
    rest: Option<Rest>,
}

/// The columns from one on.
struct Rest {
    /// The number of the first one, from 0.
    from: usize,
    /// What is written before the list.
    start: Vec<u8>,
}

impl Rest {
    /// The list that a key such as `2-` names. The key counts from 1.
    fn named(key: &str) -> Option<Rest> {
        let number = key.strip_suffix('-').filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))?;
        let from = number.parse::<usize>().ok()?.checked_sub(1)?;
        Some(Rest { from, start: start_of(key, b":[") })
    }
}

/// Why columns cannot be read.
pub(super) enum ColumnFault<'k> {
    Missing(&'k str),
    Repeated(&'k str),
}

impl Columns {
    /// The columns with these keys, or all columns if there are no keys.
    pub fn new<'k>(names: &[String], keys: &[&'k str]) -> Result<Columns, ColumnFault<'k>> {
        let mut rest: Option<Rest> = None;
        for key in keys.iter().filter(|key| names.iter().all(|name| name != **key)) {
            let named = Rest::named(key).ok_or(ColumnFault::Missing(key))?;
            // There is one list, which several options may read.
            if rest.as_ref().is_some_and(|rest| rest.from != named.from) {
                return Err(ColumnFault::Missing(key));
            }
            rest = Some(named);
        }
        let mut known = HashSet::new();
        let repeated: HashSet<&str> = names.iter().map(String::as_str).filter(|name| !known.insert(*name)).collect();
        if let Some(again) = keys.iter().find(|key| repeated.contains(*key)) {
            return Err(ColumnFault::Repeated(again));
        }
        // If all columns are read, those that share a name are left out: no option can name them.
        let is_read = |name: &str| if keys.is_empty() { !repeated.contains(name) } else { keys.contains(&name) };
        let start = |name: &String| is_read(name).then(|| start_of(name, b":\""));
        let mut starts: Vec<Option<Vec<u8>>> = names.iter().map(start).collect();
        if rest.is_some() {
            // A row needs the columns up to the last one that is read by its name.
            starts.truncate(starts.iter().rposition(Option::is_some).map_or(0, |last| last + 1));
        }
        Ok(Columns { starts, rest })
    }

    /// What is written before the value of a column, if it is read by its name.
    pub fn start(&self, column: usize) -> Option<&[u8]> {
        self.starts.get(column)?.as_deref()
    }

    /// Whether a column that is not read by its name belongs to the list.
    pub fn is_in_list(&self, column: usize) -> bool {
        self.rest.as_ref().is_some_and(|rest| column >= rest.from)
    }

    /// What is written before the list, if there is one.
    pub fn start_of_list(&self) -> Option<&[u8]> {
        self.rest.as_ref().map(|rest| &*rest.start)
    }

    /// Says what is wrong if a row cannot have this number of fields.
    pub fn check(&self, fields: usize) -> Result<(), String> {
        let columns = self.starts.len();
        match self.rest {
            None if fields != columns => Err(format!("the row has {fields} fields, expected {columns} as in the first row")),
            Some(_) if fields < columns => Err(format!("the row has {fields} fields, expected at least {columns}")),
            _ => Ok(()),
        }
    }
}

fn start_of(key: &str, colon: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    // Writing to memory cannot fail.
    let _ = serde_json::to_writer(&mut text, key);
    text.extend_from_slice(colon);
    text
}
