//! What stands in for a console that was not built.

/// The page. It has no style, for the policy of the console's pages allows none within a page.
pub(crate) const PAGE: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Outflow: the console is not in this build</title>
</head>
<body>
<main>
<h1>The console is not in this build</h1>
<p>The server works: its API answers, and so do <code>outflow</code>&#39;s commands. The program was compiled without the
console, which needs Node.js to be built.</p>
<p>In a checkout of the source:</p>
<ol>
<li><code>make console</code> builds it (or <code>scripts/console</code>, which is the same);</li>
<li><code>cargo build --release</code> compiles it into the program;</li>
<li>start <code>outflow serve</code> again.</li>
</ol>
<p><code>docs/console.md</code> tells more. The API describes itself at <a href="/openapi.json">/openapi.json</a>.</p>
</main>
</body>
</html>
"#;
