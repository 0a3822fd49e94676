//! A row as a JSON object.

use super::columns::Columns;
use super::rows::RowSink;
use crate::records::escape::push_escaped;

/// Writes a row as a JSON object.
pub(super) struct Object<'o> {
    text: &'o mut Vec<u8>,
    /// The elements of the list, which is written last.
    list: Vec<u8>,
    columns: &'o Columns,
    /// The text may become so long.
    most: usize,
    fields: usize,
    field: Field,
    is_first: bool,
    is_too_large: bool,
}

/// The field that is being written.
#[derive(PartialEq)]
enum Field {
    /// It is not read.
    Unread,
    Value,
    /// An element of the list, of which no byte was written yet.
    EmptyElement,
    Element,
}

impl<'o> Object<'o> {
    /// Begins an object at the end of `text`, which may become `most` bytes longer.
    pub fn new(text: &'o mut Vec<u8>, columns: &'o Columns, most: usize) -> Self {
        let most = text.len().saturating_add(most);
        text.push(b'{');
        let (list, field) = (Vec::new(), Field::Unread);
        Object { text, list, columns, most, fields: 0, field, is_first: true, is_too_large: false }
    }

    /// How many fields there were, and whether the row has too many bytes.
    pub fn finish(mut self) -> (usize, bool) {
        self.close_field();
        if let Some(start) = self.columns.start_of_list() {
            self.begin_value(start);
            self.text.extend_from_slice(&self.list);
            self.text.push(b']');
        }
        self.text.push(b'}');
        (self.fields, self.is_too_large)
    }

    fn begin_value(&mut self, start: &[u8]) {
        if !std::mem::take(&mut self.is_first) {
            self.text.push(b',');
        }
        self.text.extend_from_slice(start);
    }

    fn close_field(&mut self) {
        match std::mem::replace(&mut self.field, Field::Unread) {
            Field::Value => self.text.push(b'"'),
            Field::Element => self.list.push(b'"'),
            Field::Unread | Field::EmptyElement => {}
        }
    }

    fn begin_element(&mut self) {
        self.list.extend_from_slice(if self.list.is_empty() { b"\"" } else { b",\"" });
        self.field = Field::Element;
    }
}

impl RowSink for Object<'_> {
    #[inline]
    fn begin_field(&mut self) {
        self.close_field();
        if let Some(start) = self.columns.start(self.fields) {
            self.begin_value(start);
            self.field = Field::Value;
        } else if self.columns.is_in_list(self.fields) {
            self.field = Field::EmptyElement;
        }
        self.fields += 1;
    }

    #[inline]
    fn bytes(&mut self, bytes: &[u8]) {
        if self.field == Field::Unread || self.is_too_large || bytes.is_empty() {
            return;
        }
        if self.text.len().saturating_add(self.list.len()).saturating_add(bytes.len()) > self.most {
            self.is_too_large = true;
            return;
        }
        if self.field == Field::EmptyElement {
            self.begin_element();
        }
        push_escaped(bytes, if self.field == Field::Value { self.text } else { &mut self.list });
    }
}
