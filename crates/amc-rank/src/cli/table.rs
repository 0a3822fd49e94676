//! Tables as text.

/// Lines up columns.
pub fn table(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let mut text = String::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            let padding = width(column).unwrap_or(0).saturating_sub(cell.chars().count());
            text.extend([cell, " ".repeat(padding + 2).as_str()]);
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}
