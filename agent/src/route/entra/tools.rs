//! The command line tools of Azure, for people who are signed in there.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::super::bearer::Bearer;
use super::super::credential::Fetched;
use super::ways::Tried;
use super::{Granted, Wanted, none};

/// How long a tool may take; the larger one takes seconds to start.
const PATIENCE: Duration = Duration::from_secs(25);

/// With `az`.
pub fn az(wanted: &Wanted) -> BoxFuture<'_, Tried> {
    async {
        if wanted.around.program("az").is_none() {
            return Tried::Absent("`az` is not installed");
        }
        let mut argv = vec!["az", "account", "get-access-token", "--output", "json"];
        argv.extend(["--scope", &wanted.scope]);
        if let Some(tenant) = &wanted.tenant {
            argv.extend(["--tenant", tenant]);
        }
        Tried::Here(ask(wanted, &argv, "az login").await)
    }
    .boxed()
}

/// With `azd`.
pub fn azd(wanted: &Wanted) -> BoxFuture<'_, Tried> {
    async {
        if wanted.around.program("azd").is_none() {
            return Tried::Absent("`azd` is not installed");
        }
        let mut argv = vec!["azd", "auth", "token", "--output", "json", "--no-prompt"];
        argv.extend(["--scope", &wanted.scope]);
        if let Some(tenant) = &wanted.tenant {
            argv.extend(["--tenant-id", tenant]);
        }
        Tried::Here(ask(wanted, &argv, "azd auth login").await)
    }
    .boxed()
}

async fn ask(wanted: &Wanted, argv: &[&str], mend: &str) -> Fetched<Bearer> {
    let name = argv[0];
    let argv: Vec<String> = argv.iter().map(|word| (*word).to_owned()).collect();
    let printed = wanted.around.run(&argv, &[], PATIENCE).await?;
    if !printed.good {
        return Err(none(&format!("`{name}` gives no token; run `{mend}`")));
    }
    serde_json::from_str::<Granted>(&printed.text)
        .map_err(|_| none(&format!("`{name}` printed no token; run `{mend}`")))?
        .fresh()
}
