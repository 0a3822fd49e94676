//! The parts of help and manual pages after the options: examples, files, environment, exit status.

use clap::Command;

/// The examples and files of a subcommand.
pub struct PageText {
    pub examples: &'static [&'static str],
    pub files: &'static [Item],
}

/// A name or value with its meaning.
pub struct Item {
    pub name: &'static str,
    pub meaning: &'static str,
}

const fn item(name: &'static str, meaning: &'static str) -> Item {
    Item { name, meaning }
}

const SET_FILES: &[Item] = &[
    item("img_keyword_ind_….npy", "rows [img_id, word_id], or another form with --emit"),
    item("vocabulary_….json, .pkl", "each word and its id"),
    item("statistics_SET.json", "counts and sample images for the report"),
    item("manifest_SET.json", "options, inputs and outputs with checksums"),
    item("skipped_SET.tsv", "skipped images, with --on-error skip"),
    item("id_map_SET.json, .pkl", "names and ids, if images were numbered"),
];

const NO_FILES: &[Item] = &[item("none", "this command writes no files")];
const COUNTED_FILES: &[Item] = &[item("DIR/parts/N", "the counted part; it appears when it is complete")];
const SUM_FILES: &[Item] = &[item("SUMS", "the sums of the parts; it appears when it is complete")];
const PLAN_FILES: &[Item] = &[item("DIR/plan_NAME.json, plan_NAME_…", "words, ids and the place of each part")];
const ENCODED_FILES: &[Item] = &[item("DIR/matrix_NAME_…/N", "the matrix of the part; it appears when it is complete")];

const SHARD_FILES: &[Item] = &[
    item("parts_SET.jsonl", "the parts and their files with checksums"),
    item("vocabulary_….json, .pkl", "each word and its id"),
    item("statistics_SET.json", "counts and sample images for the report"),
    item("manifest_SET.json", "options and outputs with checksums; written last"),
    item("skipped_SET.tsv", "skipped images, with --on-error skip"),
    item("id_map_SET.json, .pkl", "names and ids, if images were numbered"),
    item("img_keyword_ind_….npy", "the matrix in one file, with finish --concat"),
];

const REPORT_FILES: &[Item] = &[item("report_SET.html", "the page of each set, in DIR")];
const MAN_FILES: &[Item] = &[item("amc-keywords.1, amc-keywords-….1", "one page per subcommand, in DIR")];

pub const EXIT_STATUS: &[Item] = &[
    item("0", "success"),
    item("1", "the data is wrong, a check failed, or the system refused to read or write"),
    item("2", "the command line is wrong; nothing was read"),
    item("130, 143", "stopped by Ctrl-C or SIGTERM; no output was changed"),
];

pub const ENVIRONMENT: &[Item] = &[
    item("NO_COLOR, CLICOLOR=0", "no colors"),
    item("CLICOLOR_FORCE=1", "colors without a terminal"),
    item("TERM=dumb", "no colors and no progress bar"),
];

/// The examples and files of the subcommand `name`, or of the tool.
pub fn page_text(name: &str) -> PageText {
    let (examples, files): (&[&str], &[Item]) = match name {
        "clickture" => (
            &[
                "amc-keywords clickture --root sample --out out --splits dev",
                "amc-keywords clickture --root sample --min-df 1 --emit pairs,csr",
                "amc-keywords clickture --root sample --check",
            ],
            SET_FILES,
        ),
        "mscoco" => (
            &[
                "amc-keywords mscoco --root sample --out out",
                "amc-keywords mscoco --root sample --out out --min-df 1 --phrases",
                "amc-keywords mscoco --root sample --check",
            ],
            SET_FILES,
        ),
        "encode" => (
            &[
                "amc-keywords encode tags.jsonl --keywords-field tags --out out --min-df 1",
                "amc-keywords encode tags.csv --id-field file --keywords-field tags --out out",
                "amc-keywords encode new.jsonl --vocabulary out/vocabulary_tags_sk_6.json --out new",
            ],
            SET_FILES,
        ),
        "shards" => (
            &[
                "amc-keywords shards count 0.tar --keywords-field tags --out out --part 0",
                "amc-keywords shards learn out --name web --parts 1",
                "amc-keywords shards encode out --part 0",
                "amc-keywords shards finish out --concat",
            ],
            SHARD_FILES,
        ),
        "shards-count" => (
            &[
                "amc-keywords shards count 0.tar --keywords-field tags --out out --part 0",
                "amc-keywords shards count 1.jsonl.gz 2.jsonl.gz --id-field id --out out --part 1",
                "curl -s URL | amc-keywords shards count - --format tar --out out --part 2",
            ],
            COUNTED_FILES,
        ),
        "shards-merge" => (
            &[
                "amc-keywords shards merge out --parts 0-99 --out sums/0-99",
                "amc-keywords shards merge out --parts 0-199 --sums sums/0-99 --sums sums/100-199 --out sums/0-199",
                "amc-keywords shards learn out --name web --sums sums/0-199",
            ],
            SUM_FILES,
        ),
        "shards-learn" => (
            &[
                "amc-keywords shards learn out --name web --parts 40000",
                "amc-keywords shards learn out --name web --min-df 0.0001 --emit pairs,csr",
                "amc-keywords shards learn out --name new --vocabulary old/vocabulary_web_sk_6.json",
            ],
            PLAN_FILES,
        ),
        "shards-encode" => {
            (&["amc-keywords shards encode out --part 0", "amc-keywords shards encode out --part 1 --name web"], ENCODED_FILES)
        }
        "shards-finish" => {
            (&["amc-keywords shards finish out", "amc-keywords shards finish out --name web --concat"], SHARD_FILES)
        }
        "inspect" => (
            &[
                "amc-keywords inspect tags.csv",
                "amc-keywords inspect photos.json --records photos.photo",
                "amc-keywords inspect --json tags.jsonl > tags_fields.json",
            ],
            &[],
        ),
        "report" => (
            &[
                "amc-keywords report sample/clickture --open",
                "amc-keywords report out --images pictures",
                "amc-keywords report out --set coco --out - > coco.html",
            ],
            REPORT_FILES,
        ),
        "verify" => (
            &[
                "amc-keywords verify sample/clickture",
                "amc-keywords verify out --json",
                "amc-keywords verify out --quiet && echo complete",
            ],
            &[],
        ),
        "show" => (
            &[
                "amc-keywords show sample/mscoco --head 3",
                "amc-keywords show sample/mscoco --word food --head 5",
                "amc-keywords show sample/mscoco --image 9 --json",
            ],
            &[],
        ),
        "vocab" => (
            &[
                "amc-keywords vocab sample/mscoco --top 20",
                "amc-keywords vocab out/vocabulary_coco_sk_6.json --format csv",
                "amc-keywords vocab old --diff new --json",
            ],
            &[],
        ),
        "completions" => (
            &[
                "source <(amc-keywords completions bash)",
                "amc-keywords completions zsh > ~/.zfunc/_amc-keywords",
                "amc-keywords completions fish > ~/.config/fish/completions/amc-keywords.fish",
            ],
            &[],
        ),
        "man" => (
            &["amc-keywords man ~/.local/share/man/man1", "amc-keywords man man1", "amc-keywords man /usr/local/share/man/man1"],
            MAN_FILES,
        ),
        _ => (
            &[
                "amc-keywords clickture --root sample",
                "amc-keywords encode tags.jsonl --keywords-field tags --out out --min-df 1",
                "amc-keywords encode tags.csv --id-field file --keywords-field tags --out out",
            ],
            SET_FILES,
        ),
    };
    PageText { examples, files: if files.is_empty() { NO_FILES } else { files } }
}

/// Adds these parts to the help of the tool and of each subcommand.
pub fn with_page_texts(tool: Command) -> Command {
    let names: Vec<String> = tool.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    names
        .into_iter()
        .fold(with_page_text(tool, ""), |tool, name| tool.mut_subcommand(&name, |command| with_page_text(command, &name)))
}

fn with_page_text(command: Command, name: &str) -> Command {
    let steps: Vec<String> = if name.is_empty() { Vec::new() } else { step_names(&command) };
    let command = steps.iter().fold(command, |command, step| {
        command.mut_subcommand(step, |of_step| with_page_text(of_step, &format!("{name}-{step}")))
    });
    let PageText { examples, files } = page_text(name);
    let lines: Vec<String> = examples.iter().map(|line| format!("  {line}\n")).collect();
    let examples = format!("Examples:\n{}", lines.concat());
    let files = section("Files written", files);
    let long = [examples.clone(), files, section("Exit status", EXIT_STATUS), section("Environment", ENVIRONMENT)];
    let short = format!("{examples}\nMore options and exit statuses: --help");
    command.after_help(short).after_long_help(long.join("\n").trim_end().to_owned())
}

/// The names of the steps of a subcommand.
fn step_names(command: &Command) -> Vec<String> {
    command.get_subcommands().map(|step| step.get_name().to_owned()).collect()
}

fn section(title: &str, items: &[Item]) -> String {
    let width = items.iter().map(|item| item.name.chars().count()).max().unwrap_or(0);
    let line = |Item { name, meaning }: &Item| format!("  {name:width$}  {meaning}\n");
    format!("{title}:\n{}", items.iter().map(line).collect::<String>())
}
