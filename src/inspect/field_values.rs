//! The fields of sampled records and their values.

use std::collections::{HashMap, HashSet};

use keyword_files::json::JsonTree;

/// A step from a value to a value inside it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    Key(String),
    /// Each element of a list.
    Each,
}

/// The values of one field in all records.
#[derive(Debug, Default)]
pub(crate) struct FieldValues {
    /// Records or elements that have the field and not null.
    pub present: usize,
    pub texts: Vec<String>,
    pub numbers: Vec<String>,
    pub lists: usize,
    pub objects: usize,
    /// Lists that contain at least one string or number.
    pub lists_of_strings: usize,
    pub lists_of_objects: usize,
    pub lists_of_lists: usize,
    /// Strings in lists.
    pub elements: Vec<String>,
    pub longest_list: usize,
    /// Lists of one or two texts and a number, and the places of the texts before the numbers.
    scored_lists: usize,
    label_places: HashSet<usize>,
    /// The objects of which all values are numbers, and the most keys that one of them has.
    pub objects_of_numbers: usize,
    pub most_keys: usize,
    keys: HashSet<String>,
    /// Whether all numbers of these objects are from 0 to 1.
    pub has_other_scores: bool,
    pub largest_score: f64,
}

/// Values of a field that are kept.
const MOST_VALUES: usize = 4000;
/// Fields that are looked at.
const MOST_FIELDS: usize = 3000;

/// The fields of records in the order in which they were found.
#[derive(Debug, Default)]
pub(crate) struct FieldTable {
    pub fields: Vec<(Vec<Step>, FieldValues)>,
    index: HashMap<Vec<Step>, usize>,
}

impl FieldTable {
    /// The fields of these records.
    pub fn of<'t>(records: impl IntoIterator<Item = &'t JsonTree>) -> FieldTable {
        let mut table = FieldTable::default();
        for record in records {
            table.add(&mut Vec::new(), record);
        }
        table
    }

    /// The values at a path.
    pub fn at(&self, path: &[Step]) -> Option<&FieldValues> {
        self.fields.get(*self.index.get(path)?).map(|(_, values)| values)
    }

    /// The fields one step below a path.
    pub fn below<'a>(&'a self, path: &'a [Step]) -> impl Iterator<Item = (&'a [Step], &'a FieldValues)> {
        let is_below = |found: &[Step]| found.len() == path.len() + 1 && found.starts_with(path);
        let fields = self.fields.iter().map(|(path, values)| (&**path, values));
        fields.filter(move |(found, _)| is_below(found))
    }

    fn values(&mut self, path: &[Step]) -> Option<&mut FieldValues> {
        let at = match self.index.get(path) {
            Some(&at) => at,
            None if self.fields.len() >= MOST_FIELDS => return None,
            None => {
                self.index.insert(path.to_vec(), self.fields.len());
                self.fields.push((path.to_vec(), FieldValues::default()));
                self.fields.len() - 1
            }
        };
        self.fields.get_mut(at).map(|(_, values)| values)
    }

    fn add(&mut self, path: &mut Vec<Step>, value: &JsonTree) {
        let Some(values) = self.values(path) else { return };
        values.add(value);
        match value {
            JsonTree::Object(entries) => {
                for (key, value) in entries {
                    path.push(Step::Key(key.clone()));
                    self.add(path, value);
                    path.pop();
                }
            }
            JsonTree::List(elements) => {
                path.push(Step::Each);
                for element in elements {
                    if matches!(element, JsonTree::List(_) | JsonTree::Object(_)) {
                        self.add(path, element);
                    }
                }
                path.pop();
            }
            _ => {}
        }
    }
}

impl FieldValues {
    fn add(&mut self, value: &JsonTree) {
        if matches!(value, JsonTree::Null) {
            return;
        }
        self.present += 1;
        match value {
            JsonTree::Text(text) => keep(&mut self.texts, text),
            JsonTree::Number(number) => keep(&mut self.numbers, number),
            JsonTree::List(elements) => self.add_list(elements),
            JsonTree::Object(entries) => self.add_object(entries),
            _ => {}
        }
    }

    fn add_list(&mut self, elements: &[JsonTree]) {
        self.lists += 1;
        self.longest_list = self.longest_list.max(elements.len());
        let has = |is_kind: fn(&JsonTree) -> bool| usize::from(elements.iter().any(is_kind));
        self.lists_of_strings += has(|element| matches!(element, JsonTree::Text(_) | JsonTree::Number(_)));
        self.lists_of_objects += has(|element| matches!(element, JsonTree::Object(_)));
        self.lists_of_lists += has(|element| matches!(element, JsonTree::List(_)));
        let label_place = match elements {
            [JsonTree::Text(_), JsonTree::Number(_)] => Some(0),
            [JsonTree::Text(_), JsonTree::Text(_), JsonTree::Number(_)] => Some(1),
            _ => None,
        };
        self.scored_lists += usize::from(label_place.is_some());
        self.label_places.extend(label_place);
        for element in elements {
            if let JsonTree::Text(text) | JsonTree::Number(text) = element {
                keep(&mut self.elements, text);
            }
        }
    }

    fn add_object(&mut self, entries: &[(String, JsonTree)]) {
        self.objects += 1;
        let scores: Vec<f64> = entries.iter().filter_map(|(_, value)| number_of(value)).collect();
        if entries.is_empty() || scores.len() < entries.len() {
            return;
        }
        self.objects_of_numbers += 1;
        self.most_keys = self.most_keys.max(entries.len());
        self.has_other_scores |= scores.iter().any(|score| !(0.0..=1.0).contains(score));
        self.largest_score = scores.into_iter().fold(self.largest_score, f64::max);
        for (key, _) in entries {
            if self.keys.len() < MOST_VALUES {
                self.keys.insert(key.clone());
            }
        }
    }

    /// The place of the label, if the values are lists `["dog", 0.98]` or `["n02", "dog", 0.98]`.
    pub fn label_place(&self) -> Option<usize> {
        let mut places = self.label_places.iter();
        places.next().copied().filter(|_| self.scored_lists == self.lists && places.next().is_none())
    }

    /// Whether the values are objects `{"dog": 0.98}`, rather than objects with numeric fields.
    pub fn are_scores(&self, is_named_so: bool) -> bool {
        let have_other_keys = self.keys.len() > self.most_keys;
        let is_map = have_other_keys || (is_named_so && !self.has_other_scores);
        let are_most = self.objects_of_numbers * 2 >= self.objects && self.objects * 2 >= self.present;
        self.objects_of_numbers > 0 && are_most && is_map
    }

    /// The number of values that are not empty.
    pub fn filled(&self) -> usize {
        let filled_lists = self.lists_of_strings.max(self.lists_of_objects).max(self.lists_of_lists);
        let blank = self.texts.iter().filter(|text| text.trim().is_empty()).count();
        self.present.saturating_sub(self.lists - filled_lists.min(self.lists) + blank)
    }

    /// Strings and numbers that are values.
    pub fn scalars(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().chain(&self.numbers).map(String::as_str)
    }

    /// Whether no two values are equal.
    pub fn is_unique(&self) -> bool {
        let mut seen = HashSet::new();
        self.scalars().all(|value| seen.insert(value))
    }

    /// The number of different values.
    pub fn distinct(&self) -> usize {
        self.scalars().chain(self.elements.iter().map(String::as_str)).collect::<HashSet<_>>().len()
    }

    /// The largest number, if all values are numbers from 0 to 100.
    pub fn confidence(&self) -> Option<f64> {
        let number = |value: &str| value.parse().ok().filter(|number| (0.0..=100.0).contains(number));
        let numbers: Option<Vec<f64>> = self.scalars().map(number).collect();
        numbers?.into_iter().reduce(f64::max)
    }
}

fn number_of(value: &JsonTree) -> Option<f64> {
    match value {
        JsonTree::Number(number) => number.parse().ok(),
        _ => None,
    }
}

fn keep(values: &mut Vec<String>, value: &str) {
    if values.len() < MOST_VALUES {
        values.push(value.chars().take(1000).collect());
    }
}
