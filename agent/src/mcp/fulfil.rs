//! The calls of a message, one after the other, each after the person's yes: what came goes into the question, what did not is said.

use super::calls::{Call, Want};
use super::came::{Came, shown};
use super::hub::Hub;
use crate::chat::mentions::Found;
use crate::policy::Policy;
use crate::project::invisible::visible;
use crate::prompt::talk::Item;
use crate::route::Http;
use crate::settings::{Mcp, Settings};

/// Why a call is not made when a message is only looked at.
pub const LATER: &str = "it is asked for when the message is sent, after your yes";
/// Characters of a call's arguments that a question shows.
const SHOWN: usize = 1000;

/// Why a person did not say yes, with the mend.
pub type No = String;

/// Makes the calls. `ask` puts one sentence to the person and answers whether it was a yes. Dropped, the call under way is taken back.
pub async fn fulfil<F>(
    hub: &Hub,
    settings: &Settings,
    http: &Http,
    calls: &[Call],
    ask: impl Fn(String) -> F,
) -> Found
where
    F: Future<Output = Result<(), No>>,
{
    let mut found = Found::default();
    for call in calls {
        match one(hub, settings, http, call, &ask).await {
            Ok(came) => {
                let name = call.name();
                if let (Some(all), Some(server)) = (came.cut, settings.mcp.get(&call.server)) {
                    let said = format!(
                        "its {all} tokens were cut to the first {}; raise `mcp.{}.max_tokens`",
                        server.max_tokens, call.server
                    );
                    found.refused.push((name.clone(), said));
                }
                let told = came.told.into_iter().map(|said| (name.clone(), said));
                found.refused.extend(told);
                found.items.push(item(call, came.text));
            }
            Err(why) => found.refused.push((call.name(), why)),
        }
    }
    found
}

async fn one<F>(
    hub: &Hub,
    settings: &Settings,
    http: &Http,
    call: &Call,
    ask: &impl Fn(String) -> F,
) -> Result<Came, String>
where
    F: Future<Output = Result<(), No>>,
{
    if let Want::Tool {
        arguments: Err(why),
        ..
    } = &call.want
    {
        return Err(format!("its arguments are no JSON object: {why}"));
    }
    if matches!(&call.want, Want::Resource { uri } if uri.is_empty()) {
        return Err(format!(
            "name a resource behind it, as in `@mcp:{}/URI`; `nextline mcp {}` lists them",
            call.server, call.server
        ));
    }
    // Where only files of some places may be used, this is none.
    Policy::of_process().configure(settings);
    if let Some(why) = Policy::of_process()
        .verdict_of(&[], &place(call))
        .excluded()
    {
        return Err(why.to_string());
    }
    if let Some(wanted) = settings
        .mcp
        .get(&call.server)
        .filter(|wanted| wanted.enabled)
    {
        ask(question(call, wanted)).await?;
    }
    let cell = hub.server(&call.server, settings, http).await?;
    let Some(server) = cell.get() else {
        return Err(format!(
            "MCP server `{}` does not run; try again",
            call.server
        ));
    };
    match &call.want {
        Want::Tool {
            name,
            arguments: Ok(arguments),
        } => server.call(name, arguments).await,
        Want::Tool {
            name,
            arguments: Err(_),
        } => server.call(name, &Default::default()).await,
        Want::Resource { uri } => server.read(uri).await,
    }
}

/// What the person is asked.
fn question(call: &Call, settings: &Mcp) -> String {
    let way = match (&settings.url, &settings.command) {
        (Some(url), _) => url.clone(),
        (None, command) => command
            .iter()
            .flatten()
            .cloned()
            .collect::<Vec<_>>()
            .join(" "),
    };
    let server = format!("the MCP server `{}` ({})", call.server, shown(&way));
    match &call.want {
        Want::Tool { name, arguments } => {
            let arguments = arguments.clone().unwrap_or_default();
            let (text, _) = visible(&serde_json::Value::Object(arguments).to_string());
            let cut: String = text.chars().take(SHOWN).collect();
            let rest = match text.len() - cut.len() {
                0 => String::new(),
                rest => format!("… and {rest} bytes"),
            };
            format!(
                "Call the tool `{}` of {server} with {cut}{rest}?",
                shown(name)
            )
        }
        Want::Resource { uri } => format!("Read `{}` from {server}?", shown(uri)),
    }
}

/// Where something came from, as the ledger names it.
fn place(call: &Call) -> String {
    match &call.want {
        Want::Tool { name, .. } => format!("mcp:{}:{name}", call.server),
        Want::Resource { uri } => format!("mcp:{}/{uri}", call.server),
    }
}

fn item(call: &Call, text: String) -> Item {
    let name = match &call.want {
        Want::Tool { name, .. } => format!("{name} of the MCP server {}", call.server),
        Want::Resource { uri } => format!("{uri} of the MCP server {}", call.server),
    };
    Item {
        name: shown(&name).replace('`', "'"),
        text,
        file: place(call),
        line: 1,
        rule: format!("mcp {}", call.server).into(),
        ..Item::default()
    }
}
