//! The probe matrix as tables: one a name, vantages down, servers across.

mod glance;
mod words;

use digpod_report::reading;
use digpod_report::v1::{MatrixRow, Report, Subject};

pub use glance::glance;
use words::{address, class_rank, question_words, role, role_rank, vantage_rank};

/// The answers about one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The name.
    pub name: String,
    /// What the name stands for, in words.
    pub about: &'static str,
    /// `custom`, `public`, `cluster` or `nonexistent`.
    pub class: String,
    /// The columns.
    pub servers: Vec<Server>,
    /// The rows, grouped by vantage.
    pub vantages: Vec<Vantage>,
}

/// A column: who was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// What it is: `DNS Service`, `upstream`.
    pub role: &'static str,
    /// Its address.
    pub address: String,
}

/// Rows of one vantage: from where was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vantage {
    /// Its word in entries and notes: `workload`, `node-n1`.
    pub id: String,
    /// What that is; empty where the id says it.
    pub words: String,
    /// One row a question.
    pub questions: Vec<Question>,
}

/// A row: record type and transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// `A`, `AAAA over TCP`.
    pub words: String,
    /// One cell a server; `None` where nobody asked.
    pub cells: Vec<Option<Cell>>,
}

/// What a server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// How it looks at a glance.
    pub tone: Tone,
    /// Word and count of every outcome, most first.
    pub outcomes: Vec<(Tone, String, String)>,
    /// The answers, or a few of them.
    pub answers: String,
    /// Median latency; empty if nothing was answered.
    pub latency: String,
    /// Entry and JSON pointer of a record.
    pub record: (String, String),
}

/// What an outcome means to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// An answer that says neither.
    Plain,
    /// Sometimes so and sometimes otherwise.
    Mixed,
    /// A wrong answer.
    Bad,
    /// No answer.
    Silent,
}

impl Tone {
    /// For the style sheet.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Plain => "plain",
            Self::Mixed => "mixed",
            Self::Bad => "bad",
            Self::Silent => "silent",
        }
    }
}

/// Tables in the order of interest: the failing names, then the rest as the report has them.
pub fn tables(report: &Report) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for row in &report.matrix {
        let at = tables
            .iter()
            .position(|table| table.name == row.name && table.class == row.class);
        let index = at.unwrap_or_else(|| {
            tables.push(table(row));
            tables.len() - 1
        });
        if let Some(table) = tables.get_mut(index) {
            table.put(row, &report.subject);
        }
    }
    for table in &mut tables {
        table.order();
    }
    tables.sort_by_key(|table| class_rank(&table.class));
    tables
}

fn table(row: &MatrixRow) -> Table {
    let about = match row.class.as_str() {
        "custom" => "a name in question",
        "cluster" => "a name of the cluster",
        "public" => "a public name",
        "nonexistent" => "a name that does not exist: NXDOMAIN is right",
        _ => "",
    };
    Table {
        name: row.name.clone(),
        about,
        class: row.class.clone(),
        servers: Vec::new(),
        vantages: Vec::new(),
    }
}

impl Table {
    fn put(&mut self, row: &MatrixRow, subject: &Subject) {
        let server = Server {
            role: role(row),
            address: address(row),
        };
        let column = self
            .servers
            .iter()
            .position(|it| *it == server)
            .unwrap_or_else(|| {
                self.servers.push(server);
                self.servers.len() - 1
            });
        let vantage = self.vantages.iter().position(|it| it.id == row.vantage);
        let vantage = vantage.unwrap_or_else(|| {
            let words = reading::vantage(&row.vantage, subject);
            self.vantages.push(Vantage {
                words,
                id: row.vantage.clone(),
                questions: Vec::new(),
            });
            self.vantages.len() - 1
        });
        let Some(vantage) = self.vantages.get_mut(vantage) else {
            return;
        };
        let words = question_words(row);
        let question = vantage.questions.iter().position(|it| it.words == words);
        let question = question.unwrap_or_else(|| {
            vantage.questions.push(Question {
                words,
                cells: Vec::new(),
            });
            vantage.questions.len() - 1
        });
        if let Some(question) = vantage.questions.get_mut(question) {
            if question.cells.len() <= column {
                question.cells.resize(column + 1, None);
            }
            if let Some(place) = question.cells.get_mut(column) {
                *place = Some(cell(row));
            }
        }
    }

    /// Puts the columns in the order of their roles and fills every row up.
    fn order(&mut self) {
        let mut order: Vec<usize> = (0..self.servers.len()).collect();
        order.sort_by_key(|&at| {
            let server = self.servers.get(at);
            (
                server.map(|it| role_rank(it.role)),
                server.map(|it| it.address.clone()),
            )
        });
        let pick = |at: &usize, cells: &[Option<Cell>]| cells.get(*at).cloned().flatten();
        for question in self.vantages.iter_mut().flat_map(|it| &mut it.questions) {
            question.cells = order.iter().map(|at| pick(at, &question.cells)).collect();
        }
        self.servers = order
            .iter()
            .filter_map(|&at| self.servers.get(at).cloned())
            .collect();
        self.vantages.sort_by_key(|it| vantage_rank(&it.id));
    }
}

fn cell(row: &MatrixRow) -> Cell {
    let outcomes: Vec<(Tone, String, String)> = row
        .outcomes
        .iter()
        .map(|it| {
            let count = format!("{}/{}", it.count, row.tries);
            (tone(&it.outcome, &row.class), it.outcome.clone(), count)
        })
        .collect();
    let tone = match outcomes.as_slice() {
        [] => Tone::Plain,
        [(tone, ..)] => *tone,
        [(first, ..), rest @ ..] if rest.iter().all(|(tone, ..)| tone == first) => *first,
        _ => Tone::Mixed,
    };
    let answers = match row.answers.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first, rest @ ..] => format!("{first} +{}", rest.len()),
    };
    let latency = match row.median_us {
        0 => String::new(),
        1..1_000 => "<1 ms".to_owned(),
        us => format!("{} ms", us / 1_000),
    };
    Cell {
        tone,
        outcomes,
        answers,
        latency,
        record: (row.entry.clone(), row.pointer.clone()),
    }
}

fn tone(outcome: &str, class: &str) -> Tone {
    match outcome {
        "OK" if class == "nonexistent" => Tone::Bad,
        "OK" => Tone::Good,
        "NODATA" => Tone::Plain,
        "NXDOMAIN" if class == "nonexistent" => Tone::Good,
        "timeout" | "unreachable" | "connection refused" | "not permitted" | "error" => {
            Tone::Silent
        }
        _ => Tone::Bad,
    }
}

#[cfg(test)]
mod tests {
    use super::{Tone, tables};
    use digpod_report::v1::{MatrixRow, OutcomeCount, Report};

    fn row(
        vantage: &str,
        role: &str,
        server: &str,
        name: &str,
        outcomes: &[(&str, u32)],
    ) -> MatrixRow {
        MatrixRow {
            vantage: vantage.to_owned(),
            server: server.to_owned(),
            role: role.to_owned(),
            name: name.to_owned(),
            class: if name == "example.com." {
                "public"
            } else {
                "custom"
            }
            .to_owned(),
            record_type: "A".to_owned(),
            transport: "udp".to_owned(),
            tries: outcomes.iter().map(|(_, count)| count).sum(),
            outcomes: outcomes
                .iter()
                .map(|&(outcome, count)| OutcomeCount {
                    outcome: outcome.to_owned(),
                    count,
                })
                .collect(),
            answers: Vec::new(),
            median_us: 1_500,
            entry: format!("probes/{vantage}/records.json"),
            pointer: "/records/0".to_owned(),
            ..MatrixRow::default()
        }
    }

    fn report(matrix: Vec<MatrixRow>) -> Report {
        let mut report: Report = serde_json::from_value(serde_json::json!({
            "version": 1, "engine": {"name": "digpod", "version": "0", "rules": 0},
            "subject": {"collected": "", "names": [], "collector": ""},
            "verdict": "healthy", "headline": "", "symptoms": [], "causes": [], "findings": [],
            "matrix": [], "gaps": [], "inputs": []
        }))
        .unwrap();
        report.matrix = matrix;
        report
    }

    #[test]
    fn the_name_in_question_comes_first_and_columns_follow_the_way_of_a_query() {
        let tables = tables(&report(vec![
            row(
                "workload",
                "service",
                "10.0.0.10:53",
                "example.com.",
                &[("OK", 10)],
            ),
            row(
                "node-n1",
                "own",
                "resolv.conf",
                "app.corp.internal.",
                &[("OK", 10)],
            ),
            row(
                "workload",
                "upstream",
                "168.63.129.16:53",
                "app.corp.internal.",
                &[("NXDOMAIN", 10)],
            ),
            row(
                "workload",
                "service",
                "10.0.0.10:53",
                "app.corp.internal.",
                &[("OK", 6), ("NXDOMAIN", 4)],
            ),
        ]));
        let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["app.corp.internal.", "example.com."]);
        let columns: Vec<&str> = tables[0]
            .servers
            .iter()
            .map(|it| it.address.as_str())
            .collect();
        assert_eq!(columns, ["10.0.0.10", "168.63.129.16", "its resolv.conf"]);
        let vantages: Vec<&str> = tables[0]
            .vantages
            .iter()
            .map(|it| it.words.as_str())
            .collect();
        assert_eq!(vantages, ["a pod like the failing one", "node n1"]);
        let tones = |vantage: usize| -> Vec<Option<Tone>> {
            tables[0].vantages[vantage].questions[0]
                .cells
                .iter()
                .map(|cell| cell.as_ref().map(|cell| cell.tone))
                .collect()
        };
        assert_eq!(tones(0), [Some(Tone::Mixed), Some(Tone::Bad), None]);
        assert_eq!(tones(1), [None, None, Some(Tone::Good)]);
    }

    #[test]
    fn the_right_answer_to_a_name_that_does_not_exist_is_nxdomain() {
        assert_eq!(super::tone("NXDOMAIN", "nonexistent"), Tone::Good);
        assert_eq!(super::tone("OK", "nonexistent"), Tone::Bad);
        assert_eq!(super::tone("NXDOMAIN", "custom"), Tone::Bad);
        assert_eq!(super::tone("timeout", "public"), Tone::Silent);
    }
}
