//! Tables of aligned columns for a terminal.

use unicode_width::UnicodeWidthStr;

/// The width of a terminal that every table fits, as far as words and names allow.
pub const COLUMNS: usize = 80;

const GAP: &str = "  ";

/// The side on which the cells of a column are aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// A column with its title.
#[derive(Debug, Clone)]
pub struct Column {
    title: &'static str,
    side: Side,
    width: usize,
}

impl Column {
    /// A column of text.
    pub fn text(title: &'static str) -> Column {
        Column { title, side: Side::Left, width: width(title) }
    }

    /// A column of numbers.
    pub fn numbers(title: &'static str) -> Column {
        Column { title, side: Side::Right, width: width(title) }
    }
}

/// The layout of a table. Rows are formatted one at a time, so that a table of a million rows is
/// never held in memory.
#[derive(Debug)]
pub struct Table {
    columns: Vec<Column>,
}

impl Table {
    pub fn new(columns: Vec<Column>) -> Table {
        Table { columns }
    }

    /// Makes a column at least this wide.
    pub fn widen(&mut self, column: usize, width: usize) {
        if let Some(column) = self.columns.get_mut(column) {
            column.width = column.width.max(width);
        }
    }

    /// Makes all columns wide enough for a row.
    pub fn fit(&mut self, cells: &[String]) {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.width = column.width.max(width(cell));
        }
    }

    /// The width of all columns after the first, with their gaps.
    pub fn width_after_first(&self) -> usize {
        self.columns.iter().skip(1).map(|column| GAP.len() + column.width).sum()
    }

    /// The position at which the last column starts.
    pub fn start_of_last(&self) -> usize {
        let before = self.columns.len().saturating_sub(1);
        self.columns.iter().take(before).map(|column| column.width + GAP.len()).sum()
    }

    /// The line with the titles.
    pub fn head(&self) -> String {
        let titles: Vec<&str> = self.columns.iter().map(|column| column.title).collect();
        self.row(&titles)
    }

    /// A row. A text that is wider than its column is followed by a line break, and the other cells
    /// keep their positions on the next line.
    pub fn row(&self, cells: &[impl AsRef<str>]) -> String {
        let (mut text, mut end) = (String::new(), 0);
        for (place, (cell, column)) in cells.iter().zip(&self.columns).enumerate() {
            if place > 0 {
                text.push_str(GAP);
                end += GAP.len();
            }
            end += column.width;
            let cell = cell.as_ref();
            let spaces = column.width.saturating_sub(width(cell));
            match column.side {
                Side::Right => text.push_str(&(" ".repeat(spaces) + cell)),
                Side::Left if width(cell) <= column.width => {
                    text.push_str(&(cell.to_owned() + &" ".repeat(spaces)));
                }
                Side::Left => {
                    text.push_str(cell);
                    if place + 1 < self.columns.len() {
                        text = text.trim_end().to_owned() + "\n" + &" ".repeat(end);
                    }
                }
            }
        }
        text.truncate(text.trim_end().len());
        text + "\n"
    }
}

/// The number of terminal columns that a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_aligned_right_and_texts_left() {
        let columns = vec![Column::numbers("id"), Column::text("name"), Column::text("word")];
        let mut table = Table::new(columns);
        let row = ["1234", "a", "long word"];
        table.fit(&row.map(String::from));
        assert_eq!(table.head(), "  id  name  word\n");
        assert_eq!(table.row(&row), "1234  a     long word\n");
        assert_eq!(table.row(&["1", "a", ""]), "   1  a\n");
    }

    #[test]
    fn cells_after_a_wide_text_keep_their_positions_on_the_next_line() {
        let table = Table::new(vec![Column::text("name"), Column::numbers("images")]);
        assert_eq!(table.row(&["a_long_name", "9"]), "a_long_name\n           9\n");
    }
}
