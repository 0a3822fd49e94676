//! The columns that hold names and keywords in most tables: texts, whole numbers and lists of texts.
//! They are read without a tree for each row.

use std::io::Write as _;

use parquet::basic::{ConvertedType, Repetition, Type as PhysicalType};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::RowGroupReader;
use parquet::schema::types::{SchemaDescriptor, Type};

use super::escape::push_string;
use super::parquet_json::{NotText, Written};

/// The rows of a column that are decoded at a time.
const ROWS: usize = 256;

/// A column of a simple type.
pub(super) struct SimpleColumn {
    name: String,
    /// The number of the column in the file.
    leaf: usize,
    levels: Levels,
}

/// The definition levels of a column.
#[derive(Clone, Copy)]
struct Levels {
    /// From this level on, a list is not null and has an entry. Columns without lists have none.
    entry: Option<i16>,
    /// From this level on, a list is not null.
    list: i16,
    /// At this level, the value or the entry is not null.
    value: i16,
}

impl SimpleColumn {
    /// The column `name`, if its type is simple.
    fn of(schema: &SchemaDescriptor, name: &str) -> Option<SimpleColumn> {
        let mut fields = schema.root_schema().get_fields().iter().filter(|field| field.name() == name);
        let (Some(field), None) = (fields.next(), fields.next()) else { return None };
        let is_named = |parts: &[String]| parts.first().is_some_and(|first| first == name);
        let (leaf, column) = schema.columns().iter().enumerate().find(|(_, column)| is_named(column.path().parts()))?;
        let is_list = is_list_of_texts(field);
        if !is_list && !is_text(field) && !is_whole_number(field) {
            return None;
        }
        let list = i16::from(repetition(field) == Some(Repetition::OPTIONAL));
        let levels = Levels { entry: is_list.then_some(list + 1), list, value: column.max_def_level() };
        Some(SimpleColumn { name: name.to_owned(), leaf, levels })
    }

    /// The columns `keys`, if the types of all are simple.
    pub fn all(schema: &SchemaDescriptor, keys: &[&str]) -> Option<Vec<SimpleColumn>> {
        let mut columns: Vec<SimpleColumn> = Vec::new();
        for key in keys {
            if columns.iter().all(|column| column.name != *key) {
                columns.push(SimpleColumn::of(schema, key)?);
            }
        }
        Some(columns).filter(|columns| !columns.is_empty())
    }
}

fn repetition(field: &Type) -> Option<Repetition> {
    let info = field.get_basic_info();
    info.has_repetition().then(|| info.repetition())
}

/// Whether a field is a text, or binary, which is expected to be one.
fn is_text(field: &Type) -> bool {
    let info = field.get_basic_info();
    let is_bytes = field.is_primitive() && field.get_physical_type() == PhysicalType::BYTE_ARRAY;
    let has_type = info.converted_type() == ConvertedType::UTF8
        || (info.converted_type() == ConvertedType::NONE && info.logical_type_ref().is_none());
    is_bytes && has_type && repetition(field) != Some(Repetition::REPEATED)
}

fn is_whole_number(field: &Type) -> bool {
    let info = field.get_basic_info();
    if !field.is_primitive() || repetition(field) == Some(Repetition::REPEATED) {
        return false;
    }
    let own = match field.get_physical_type() {
        PhysicalType::INT32 => ConvertedType::INT_32,
        PhysicalType::INT64 => ConvertedType::INT_64,
        _ => return false,
    };
    let is_plain = info.converted_type() == ConvertedType::NONE && info.logical_type_ref().is_none();
    is_plain || info.converted_type() == own
}

/// Whether a field is a list in three levels: `tags (LIST) { repeated list { element } }`.
fn is_list_of_texts(field: &Type) -> bool {
    if field.is_primitive() || field.get_basic_info().converted_type() != ConvertedType::LIST {
        return false;
    }
    let [list] = field.get_fields() else { return false };
    if list.is_primitive() || list.name() != "list" || repetition(list) != Some(Repetition::REPEATED) {
        return false;
    }
    matches!(list.get_fields(), [element] if is_text(element)) && repetition(field) != Some(Repetition::REPEATED)
}

/// The rows of a row group, whose columns are simple.
pub(super) struct SimpleRows<'r> {
    columns: Vec<OpenColumn<'r>>,
    /// The rows that are not decoded yet.
    left: usize,
    /// The rows that are decoded and not written yet.
    decoded: usize,
}

impl<'r> SimpleRows<'r> {
    pub fn of(group: &dyn RowGroupReader, columns: &'r [SimpleColumn]) -> Result<Self> {
        let open = |column: &'r SimpleColumn| -> Result<OpenColumn<'r>> {
            let reader = match group.get_column_reader(column.leaf)? {
                ColumnReader::ByteArrayColumnReader(reader) => Values::Texts(reader, Vec::new()),
                ColumnReader::Int32ColumnReader(reader) => Values::Int32(reader, Vec::new()),
                ColumnReader::Int64ColumnReader(reader) => Values::Int64(reader, Vec::new()),
                _ => return Err(ParquetError::General("a column has another type than the schema says".into())),
            };
            Ok(OpenColumn { column, values: reader, definitions: Vec::new(), repetitions: Vec::new(), level: 0, value: 0 })
        };
        let columns: Result<Vec<OpenColumn<'r>>> = columns.iter().map(open).collect();
        let left = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
        Ok(SimpleRows { columns: columns?, left, decoded: 0 })
    }

    /// Writes the next row as a JSON object. `None` means that there is none.
    pub fn write_next(&mut self, json: &mut Vec<u8>) -> Result<Option<Written>> {
        if self.decoded == 0 {
            if self.left == 0 {
                return Ok(None);
            }
            self.decoded = self.left.min(ROWS);
            self.left -= self.decoded;
            self.columns.iter_mut().try_for_each(|column| column.decode(self.decoded))?;
        }
        self.decoded -= 1;
        let mut written = Ok(());
        json.push(b'{');
        for (place, column) in self.columns.iter_mut().enumerate() {
            if place > 0 {
                json.push(b',');
            }
            push_string(&column.column.name, json);
            json.push(b':');
            // The other columns must go on to the next row in any case.
            written = written.and(column.write_next(json));
        }
        json.push(b'}');
        Ok(Some(written))
    }
}

/// The reader of a column, and the values that are decoded.
enum Values {
    Texts(ColumnReaderImpl<ByteArrayType>, Vec<ByteArray>),
    Int32(ColumnReaderImpl<Int32Type>, Vec<i32>),
    Int64(ColumnReaderImpl<Int64Type>, Vec<i64>),
}

impl Values {
    /// Reads about this number of further rows. `false` means that the column ends.
    fn read(&mut self, rows: usize, definitions: &mut Vec<i16>, repetitions: &mut Vec<i16>) -> Result<bool> {
        let (found, _, levels) = match self {
            Values::Texts(reader, values) => reader.read_records(rows, Some(definitions), Some(repetitions), values),
            Values::Int32(reader, values) => reader.read_records(rows, Some(definitions), Some(repetitions), values),
            Values::Int64(reader, values) => reader.read_records(rows, Some(definitions), Some(repetitions), values),
        }?;
        Ok(found > 0 || levels > 0)
    }

    fn len(&self) -> usize {
        match self {
            Values::Texts(_, values) => values.len(),
            Values::Int32(_, values) => values.len(),
            Values::Int64(_, values) => values.len(),
        }
    }

    /// Removes the first values.
    fn forget(&mut self, count: usize) {
        let count = count.min(self.len());
        match self {
            Values::Texts(_, values) => drop(values.drain(..count)),
            Values::Int32(_, values) => drop(values.drain(..count)),
            Values::Int64(_, values) => drop(values.drain(..count)),
        }
    }

    /// Writes a value as JSON.
    fn write(&self, place: usize, json: &mut Vec<u8>) -> Result<(), usize> {
        match self {
            Values::Texts(_, texts) => {
                let bytes = texts.get(place).map(ByteArray::data).unwrap_or_default();
                push_string(std::str::from_utf8(bytes).map_err(|_| bytes.len())?, json);
            }
            Values::Int32(_, numbers) => push_number(numbers.get(place).copied().unwrap_or_default().into(), json),
            Values::Int64(_, numbers) => push_number(numbers.get(place).copied().unwrap_or_default(), json),
        }
        Ok(())
    }
}

fn push_number(number: i64, json: &mut Vec<u8>) {
    // Writing to memory cannot fail.
    let _ = write!(json, "{number}");
}

/// A column that is being read.
struct OpenColumn<'r> {
    column: &'r SimpleColumn,
    values: Values,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
    /// The next level and the next value.
    level: usize,
    value: usize,
}

impl OpenColumn<'_> {
    /// Decodes until there are this many whole rows.
    ///
    /// A row of a list may go on in the next page. So it is whole only if another row begins behind
    /// it, or if the column ends. The reader counts rows by pages, so they are counted here.
    fn decode(&mut self, rows: usize) -> Result<()> {
        self.definitions.drain(..self.level.min(self.definitions.len()));
        self.repetitions.drain(..self.level.min(self.repetitions.len()));
        self.values.forget(self.value);
        (self.level, self.value) = (0, 0);
        let wanted = if self.column.levels.entry.is_some() { rows + 1 } else { rows };
        loop {
            let decoded = self.decoded_rows();
            if decoded >= wanted {
                return Ok(());
            }
            if !self.values.read(wanted - decoded, &mut self.definitions, &mut self.repetitions)? {
                let what = "a column has fewer rows than its row group";
                return if decoded >= rows { Ok(()) } else { Err(ParquetError::General(what.into())) };
            }
        }
    }

    /// The number of rows that are decoded and not written.
    fn decoded_rows(&self) -> usize {
        match self.column.levels {
            Levels { entry: Some(_), .. } => self.repetitions.iter().filter(|&&level| level == 0).count(),
            Levels { value: 0, .. } => self.values.len(),
            _ => self.definitions.len(),
        }
    }

    /// The definition level of the next value. A column without nulls has none.
    fn definition(&self) -> i16 {
        self.definitions.get(self.level).copied().unwrap_or(self.column.levels.value)
    }

    /// Writes the value of the next row.
    fn write_next(&mut self, json: &mut Vec<u8>) -> Written {
        let Levels { entry, list, .. } = self.column.levels;
        match entry {
            None => self.write_value(json),
            Some(entry) if self.definition() < entry => {
                json.extend_from_slice(if self.definition() < list { b"null" } else { b"[]" });
                self.level += 1;
                Ok(())
            }
            Some(_) => self.write_list(json),
        }
    }

    fn write_list(&mut self, json: &mut Vec<u8>) -> Written {
        let mut written = Ok(());
        json.push(b'[');
        loop {
            written = written.and(self.write_value(json));
            if self.repetitions.get(self.level).is_none_or(|&level| level == 0) {
                break;
            }
            json.push(b',');
        }
        json.push(b']');
        written
    }

    fn write_value(&mut self, json: &mut Vec<u8>) -> Written {
        let is_null = self.definition() < self.column.levels.value;
        self.level += 1;
        if is_null {
            json.extend_from_slice(b"null");
            return Ok(());
        }
        let written = self.values.write(self.value, json);
        self.value += 1;
        written.map_err(|len| NotText { column: self.column.name.clone(), len })
    }
}
