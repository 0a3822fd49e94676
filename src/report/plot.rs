//! Line plots as SVG. The colors are placeholders: the style sheet of the page replaces them with
//! light and dark shades.

use plotters::coord::ranged1d::{AsRangedCoord, Ranged, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::numbers::grouped;
use crate::error::{Error, Result};

/// The size of a plot in its own units. At the width of a phone its text is still readable.
pub(super) const SIZE: (u32, u32) = (420, 285);

/// `report.css` selects these colors by their values.
const INK: RGBColor = RGBColor(0x10, 0x00, 0x01);
const GRID: RGBColor = RGBColor(0x10, 0x00, 0x02);
const MARK: RGBColor = RGBColor(0x10, 0x00, 0x03);
const LINES: [RGBColor; 4] =
    [RGBColor(0x10, 0x00, 0x11), RGBColor(0x10, 0x00, 0x12), RGBColor(0x10, 0x00, 0x13), RGBColor(0x10, 0x00, 0x14)];

/// Lines over two axes.
#[derive(Debug)]
pub(super) struct Plot {
    pub x: Axis,
    pub y: Axis,
    /// The points of each line, in order. On a logarithmic axis they are above 0.
    pub lines: Vec<Vec<(f64, f64)>>,
    /// Whether the area below the lines is tinted.
    pub is_filled: bool,
    pub mark: Option<Mark>,
}

/// A marked point with a note next to it.
#[derive(Debug)]
pub(super) struct Mark {
    pub at: (f64, f64),
    pub note: String,
}

/// An axis of a plot.
#[derive(Debug)]
pub(super) struct Axis {
    pub title: &'static str,
    /// The smallest and the largest value.
    pub range: (f64, f64),
    pub is_log: bool,
}

impl Axis {
    fn is_in_first_half(&self, value: f64) -> bool {
        let (from, to) = self.range;
        if self.is_log { value * value < from * to } else { 2.0 * value < from + to }
    }
}

impl Plot {
    /// The content of the `svg` element.
    pub fn svg(&self) -> Result<String> {
        let mut svg = String::new();
        self.draw(&mut svg).map_err(|error| Error::Refused(format!("a chart cannot be drawn: {error}")))?;
        let inside = svg.split_once("<svg").and_then(|(_, rest)| rest.split_once('>')).map_or("", |(_, inside)| inside);
        Ok(inside.trim_end().trim_end_matches("</svg>").to_owned())
    }

    fn draw(&self, svg: &mut String) -> Drawn {
        let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
        let (x, y) = (self.x.range.0..self.x.range.1, self.y.range.0..self.y.range.1);
        match (self.x.is_log, self.y.is_log) {
            (true, true) => self.draw_on(&root, x.log_scale(), y.log_scale())?,
            (true, false) => self.draw_on(&root, x.log_scale(), y)?,
            (false, true) => self.draw_on(&root, x, y.log_scale())?,
            (false, false) => self.draw_on(&root, x, y)?,
        }
        root.present()
    }

    fn draw_on<X, Y>(
        &self,
        root: &Area<'_>,
        x: impl AsRangedCoord<CoordDescType = X, Value = f64>,
        y: impl AsRangedCoord<CoordDescType = Y, Value = f64>,
    ) -> Drawn
    where
        X: Ranged<ValueType = f64> + ValueFormatter<f64>,
        Y: Ranged<ValueType = f64> + ValueFormatter<f64>,
    {
        let mut builder = ChartBuilder::on(root);
        let builder = builder.margin(6).margin_right(16).x_label_area_size(46).y_label_area_size(66);
        let mut chart = builder.build_cartesian_2d(x, y)?;
        let text = ("sans-serif", 15).into_font().color(&INK);
        let label = |value: &f64| shown(*value);
        chart
            .configure_mesh()
            .disable_x_mesh()
            .max_light_lines(0)
            .bold_line_style(GRID)
            .axis_style(GRID)
            .x_labels(6)
            .y_labels(5)
            .label_style(text.clone())
            .axis_desc_style(text.clone())
            .x_desc(self.x.title)
            .y_desc(self.y.title)
            .x_label_formatter(&label)
            .y_label_formatter(&label)
            .draw()?;
        for (points, colour) in self.lines.iter().zip(LINES.iter().cycle()) {
            if self.is_filled {
                let ground = AreaSeries::new(points.iter().copied(), self.y.range.0, colour.mix(0.14));
                chart.draw_series(ground)?;
            }
            chart.draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(2)))?;
        }
        if let Some(Mark { at: (x, y), note }) = &self.mark {
            let foot = (*x, self.y.range.0);
            chart.draw_series([PathElement::new(vec![foot, (*x, *y)], MARK.stroke_width(1))])?;
            chart.draw_series([Circle::new((*x, *y), 5, MARK.filled())])?;
            // A falling line leaves room above it to the right, and below it to the left.
            let (place, from) = match self.x.is_in_first_half(*x) {
                true => (Pos::new(HPos::Left, VPos::Bottom), (10, -6)),
                false => (Pos::new(HPos::Right, VPos::Top), (-8, 8)),
            };
            let note = Text::new(note.clone(), from, text.color(&MARK).pos(place));
            chart.draw_series([EmptyElement::at((*x, *y)) + note])?;
        }
        Ok(())
    }
}

type Backend<'a> = SVGBackend<'a>;
type Area<'a> = DrawingArea<Backend<'a>, plotters::coord::Shift>;
type Drawn = Result<(), DrawingAreaErrorKind<<Backend<'static> as DrawingBackend>::ErrorType>>;

/// A number as an axis label.
fn shown(value: f64) -> String {
    let rounded = value.round();
    if (value - rounded).abs() < 1e-6 && value.abs() < 1e15 {
        return grouped(rounded.max(0.0) as u64);
    }
    format!("{value:.1}")
}
