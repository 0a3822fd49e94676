//! The files of an evaluation.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use askama::Template;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::evaluation::{Estimate, Group, Measured, Ranking};
use crate::model::Card;
use crate::output::write_all;
use crate::page::{Page, charts};
use crate::set::{Set, SetIdentity};
use crate::train::Options;

/// The figures of an evaluation and the model that they are about.
#[derive(Debug, Clone, Copy)]
pub struct Results<'a> {
    /// The model.
    pub model: &'a Card,
    /// The figures.
    pub groups: &'a [Group],
}

#[derive(Serialize)]
struct Document<'a> {
    tool: &'a str,
    options: &'a Options,
    set: &'a SetIdentity,
    groups: &'a [Group],
}

impl Results<'_> {
    /// All figures as JSON.
    pub fn json(&self) -> Result<String> {
        let Card { tool, options, set, .. } = self.model;
        let document = Document { tool, options, set, groups: self.groups };
        let text = serde_json::to_string_pretty(&document).map_err(|error| Error::Refused(error.to_string()))?;
        Ok(text + "\n")
    }

    /// Each figure in a line of CSV.
    pub fn csv(&self) -> String {
        let mut csv = String::from("group,queries,system,measure,mean,low,high,lead,lead_low,lead_high\n");
        let cells = |estimate: Estimate| format!("{:.6},{:.6},{:.6}", estimate.mean, estimate.low, estimate.high);
        for Group { group, queries, systems } in self.groups {
            for (system, figure) in systems.iter().flat_map(|of| of.figures.iter().map(|figure| (of.system, figure))) {
                let lead = figure.lead.map_or(",,".to_owned(), cells);
                // Writing to a string cannot fail.
                let _ = writeln!(csv, "{group},{queries},{system},{},{},{lead}", figure.measure, cells(figure.value));
            }
        }
        csv
    }

    /// Writes `figures.json`, `figures.csv`, `queries.csv`, the curves and `evaluation.html`.
    pub fn write(&self, folder: &Path, page: &Page, queries: String) -> Result<()> {
        fs::create_dir_all(folder).map_err(Error::io(folder, "create"))?;
        let mut files = vec![("figures.json", self.json()?), ("figures.csv", self.csv()), ("queries.csv", queries)];
        let curves = charts(self.groups).into_iter().map(|(_, svg)| svg);
        files.extend(["roc.svg", "ndcg.svg"].into_iter().zip(curves));
        files.push(("evaluation.html", rendered(page)?));
        write_all(&files.into_iter().map(|(name, text)| (folder.join(name), text)).collect::<Vec<_>>())
    }
}

/// Writes one page.
pub fn write_page(path: &Path, page: &Page) -> Result<()> {
    write_all(&[(path.to_path_buf(), rendered(page)?)])
}

fn rendered(page: &Page) -> Result<String> {
    page.render().map_err(|error| Error::Refused(format!("the page cannot be made: {error}")))
}

/// The rank and NDCG@10 of each query, as CSV.
pub fn queries_csv(measured: &[Measured], rankings: &[Ranking], set: &Set) -> String {
    let names: Vec<String> = measured.iter().map(|of| format!("{} rank,{} NDCG@10", of.name, of.name)).collect();
    let mut csv = format!("query,images,repeats a keyword,{}\n", names.join(","));
    for (place, ranking) in rankings.iter().enumerate() {
        let text = ranking.text.replace('"', "\"\"");
        let of = measured.iter().filter_map(|of| of.measures.get(place));
        let cells: Vec<String> = of.map(|of| format!("{},{:.6}", of.rank, of.ndcg_10())).collect();
        let repeats = ranking.repeats_a_keyword(&set.images);
        let _ = writeln!(csv, "\"{text}\",{},{repeats},{}", ranking.images.len(), cells.join(","));
    }
    csv
}
