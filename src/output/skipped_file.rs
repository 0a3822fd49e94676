//! The images that were left out, as tab-separated values.

/// A header and a line for each image: split, file, reason. Tabs, line ends and backslashes in names are escaped.
pub(crate) fn skipped_tsv(skipped: &[[String; 3]]) -> Vec<u8> {
    let mut text = String::from("split\tfile\treason\n");
    for line in skipped {
        let cells: Vec<String> = line.iter().map(|cell| escaped(cell)).collect();
        text.push_str(&cells.join("\t"));
        text.push('\n');
    }
    text.into_bytes()
}

fn escaped(cell: &str) -> String {
    let mut out = String::with_capacity(cell.len());
    for c in cell.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_never_make_a_line_or_a_cell_of_its_own() {
        let line = ["dev", "a\tb\n\\c.json", "damaged"].map(String::from);
        assert_eq!(skipped_tsv(&[line]), b"split\tfile\treason\ndev\ta\\tb\\n\\\\c.json\tdamaged\n");
    }
}
