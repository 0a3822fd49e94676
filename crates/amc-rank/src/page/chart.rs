//! Lines in a coordinate system, as SVG.

use std::fmt::Write;

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 285.0;
const LEFT: f64 = 48.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 46.0;

/// The colours of the lines, in light and in dark.
const STYLE: &str = ".amc text{font:13px system-ui,sans-serif;fill:#5c636b}.amc path{fill:none;stroke-width:2}\
.amc .grid{stroke:#e0dcd4;stroke-width:1}.amc .s0{stroke:#2b5fa8}.amc .s1{stroke:#b3541e}.amc .s2{stroke:#3d7a4d}\
.amc .s3{stroke:#7d4e9e}@media(prefers-color-scheme:dark){.amc text{fill:#aab0b7}.amc .grid{stroke:#30353c}\
.amc .s0{stroke:#7fb0f2}.amc .s1{stroke:#ef9a63}.amc .s2{stroke:#84c796}.amc .s3{stroke:#c79be6}}";

/// Lines over two axes. The second axis goes from 0 to 1.
#[derive(Debug)]
pub struct Chart<'a> {
    /// What the first axis shows.
    pub x: &'a str,
    /// What the second axis shows.
    pub y: &'a str,
    /// Where the first axis begins and ends.
    pub range: (f64, f64),
    /// The marks of the first axis.
    pub marks: &'a [f64],
    /// The names and the points of the lines.
    pub lines: Vec<(&'a str, Vec<(f64, f64)>)>,
}

impl Chart<'_> {
    /// The chart as an SVG document.
    pub fn svg(&self) -> String {
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"amc\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
             aria-label=\"{} by {}\"><style>{STYLE}</style>",
            self.y, self.x
        );
        // Writing to a string cannot fail.
        let _ = self.draw(&mut svg);
        svg.push_str("</svg>\n");
        svg
    }

    fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let (from, to) = self.range;
        let across = (x - from) / (to - from);
        (LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - y * (HEIGHT - TOP - BOTTOM))
    }

    fn draw(&self, svg: &mut String) -> std::fmt::Result {
        let (from, to) = self.range;
        for step in 0..=5 {
            let value = f64::from(step) / 5.0;
            let ((left, y), (right, _)) = (self.place((from, value)), self.place((to, value)));
            write!(svg, "<path class=\"grid\" d=\"M{left:.1} {y:.1}H{right:.1}\"/>")?;
            write!(svg, "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{value:.1}</text>", left - 6.0, y + 4.0)?;
        }
        for &mark in self.marks {
            let (x, y) = self.place((mark, 0.0));
            write!(svg, "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{mark}</text>", y + 18.0)?;
        }
        write!(svg, "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>", WIDTH / 2.0, HEIGHT - 8.0, self.x)?;
        let mut x = LEFT;
        for (number, (name, points)) in self.lines.iter().enumerate() {
            write!(svg, "<path class=\"s{number}\" d=\"M{x:.1} 12h16\"/><text x=\"{:.1}\" y=\"16\">{name}</text>", x + 21.0)?;
            x += 36.0 + 7.5 * name.len() as f64;
            let dash = if number == 0 { "" } else { " stroke-dasharray=\"5 3\"" };
            write!(svg, "<path class=\"s{number}\"{dash} d=\"")?;
            for (place, &point) in points.iter().enumerate() {
                let (x, y) = self.place(point);
                write!(svg, "{}{x:.1} {y:.1}", if place == 0 { "M" } else { "L" })?;
            }
            svg.push_str("\"/>");
        }
        Ok(())
    }
}
