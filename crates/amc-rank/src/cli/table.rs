//! Tables as text.

/// Lines up columns. The first row is the heading, and the first column is text.
pub fn table(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let mut text = String::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            let padding = " ".repeat(width(column).unwrap_or(0).saturating_sub(cell.chars().count()));
            match column {
                0 => text.extend([cell, padding.as_str()]),
                _ => text.extend(["  ", &padding, cell]),
            }
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}
