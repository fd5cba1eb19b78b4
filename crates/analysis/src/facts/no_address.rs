//! Names in question of which everybody who was asked says that they have no address.

use digpod_probe::{NameClass, Outcome, ServerRole};

use super::Facts;
use super::addresses::given;
use super::names::{plain, qualify};
use crate::matrix::Row;
use crate::symptom::Symptom;

/// Why a name has no address, for a finding.
pub(crate) struct NoAddress<'a> {
    pub(crate) message: String,
    pub(crate) explanation: String,
    pub(crate) fix: String,
    pub(crate) shows: Symptom,
    /// Who got an IPv6 address.
    pub(crate) beside: Option<&'a Row>,
}

/// Where the aliases (CNAME) of a name lead.
enum End {
    /// Back to one of them.
    Circle,
    At(String),
}

/// `None` unless all say so, each time.
pub(crate) fn of<'a>(facts: &'a Facts<'_>, name: &str) -> Option<NoAddress<'a>> {
    let rows = || facts.probes.rows.iter().filter(move |row| row.name == name);
    let all = |outcome: Outcome, of: &str| {
        let mut rows = rows().filter(|row| of.is_empty() || row.record_type == of);
        rows.all(|row| {
            // The platform's resolver, asked beside, need not know the zone.
            let beside = row.role == ServerRole::Platform && row.count(Outcome::Ok) == 0;
            matches!(row.class, NameClass::Custom | NameClass::Public)
                && (beside || row.count(outcome) == row.tries())
        })
    };
    let (exists, shows) = match () {
        () if all(Outcome::Nxdomain, "") => (false, Symptom::Nxdomain),
        () if rows().any(|row| row.record_type == "A" && row.class == NameClass::Custom)
            && all(Outcome::Nodata, "A") =>
        {
            (true, Symptom::Nodata)
        }
        () => return None,
    };
    let public = rows().all(|row| row.class == NameClass::Public);
    let beside = rows().find(|row| row.count(Outcome::Ok) > 0);
    let (name, asked) = (plain(name), "for any server that was asked");
    let mut explanation =
        "All of them say so, pods and nodes alike: the way to the servers is open.".to_owned();
    let (message, fix) = match (end(facts, name), beside) {
        (Some(End::Circle), _) => (
            format!("{name} is an alias (CNAME) that leads in a circle"),
            "Let one of the aliases point to a name that has an address".to_owned(),
        ),
        (_, Some(row)) => {
            let also = format!(" A program that uses IPv6 gets {}.", given(&row.answers));
            explanation.push_str(&also);
            (
                format!("{name} has an IPv6 address and none of IPv4 {asked}"),
                "Reach it over IPv6, or add the A record to its zone".to_owned(),
            )
        }
        (Some(End::At(to)), _) => (
            format!(
                "{name} is an alias (CNAME) of {to}, which {} {asked}",
                if exists {
                    "has no address"
                } else {
                    "does not exist"
                }
            ),
            format!("Make the record of {to}, or let the alias point to the right name"),
        ),
        (None, _) if exists => (
            format!("{name} exists and has no address {asked}"),
            "Ask for the name that has the address, or add its A record to the zone".to_owned(),
        ),
        (None, _) => (
            format!("{name} does not exist {asked}"),
            if public {
                "Let the servers resolve public names; or name one that exists with --public-name"
            } else {
                "Look for a slip in the name, or for the record that is missing in its zone"
            }
            .to_owned(),
        ),
    };
    Some(NoAddress {
        message,
        explanation,
        fix,
        shows,
        beside,
    })
}

fn end(facts: &Facts<'_>, name: &str) -> Option<End> {
    let mut records = facts.probes.outputs.values().flat_map(|it| &it.records);
    let of_name = |it: &&digpod_probe::Record| plain(&it.name) == name && it.record_type == "A";
    let answers = &records
        .find(|it| of_name(it) && !it.answers.is_empty())?
        .answers;
    let mut at = qualify(name);
    for _ in answers {
        let next = answers
            .iter()
            .find(|it| it.record_type == "CNAME" && qualify(&it.name) == at);
        match next {
            Some(next) => at = qualify(&next.data),
            None if at == qualify(name) => return None,
            None => return Some(End::At(plain(&at).to_owned())),
        }
    }
    let on = answers.iter().any(|it| qualify(&it.name) == at);
    Some(if on {
        End::Circle
    } else {
        End::At(plain(&at).to_owned())
    })
}
