//! The console as a browser meets it: pages, signing in by secret and by link, and what a session opens. By hand-written
//! requests, and whether or not this build has the console's files.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::http::eventually;
use crate::place::{Kind, Place};
use crate::run::{outflow, variables};
use crate::samples::{lake, text};
use crate::server::{Server, access};

const SESSION: &str = "/console/session";
const FLOWS: &str = "/data/foundation/flowservice/flows";
const SEGMENTS: &str = "/data/core/ups/segment/definitions";

const ANSWER_SECS_MAX: u64 = 60;

/// What came back.
struct Answered {
    status: u16,
    headers: Vec<(String, String)>,
    text: String,
}

impl Answered {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// What a browser sends back.
    fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap().to_owned()
    }
}

/// A page of the console, signed in where it has a cookie.
#[derive(Clone)]
struct Page {
    url: String,
    cookie: String,
}

impl Page {
    fn of(server: &Server) -> Page {
        Page { url: server.url().to_owned(), cookie: String::new() }
    }

    fn with_cookie(&self, cookie: String) -> Page {
        Page { cookie, ..self.clone() }
    }

    /// A request as the console sends it.
    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answered {
        self.send_with(method, path, &[("X-Outflow-Console", "1"), ("Sec-Fetch-Site", "same-origin")], body)
    }

    fn get(&self, path: &str) -> Answered {
        self.send_with("GET", path, &[], None)
    }

    /// A request with these headers, and the cookie.
    fn send_with(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answered {
        let host = self.url.trim_start_matches("http://");
        let mut connection = TcpStream::connect(host).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(ANSWER_SECS_MAX))).unwrap();
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        let length = body.len().to_string();
        let own = [("Cookie", &*self.cookie), ("Content-Type", "application/json"), ("Content-Length", &length)];
        for (name, value) in own.iter().chain(headers).filter(|(_, value)| !value.is_empty()) {
            head += &format!("{name}: {value}\r\n");
        }
        connection.write_all(format!("{head}\r\n{body}").as_bytes()).unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer);
        let (head, text) = answer.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        Answered { status, headers: lines.filter_map(header).collect(), text: text.to_owned() }
    }

    fn sign_in(&self, body: &Value) -> Answered {
        self.send("POST", SESSION, Some(body))
    }

    /// The page of a browser that has signed in.
    fn signed_in(&self, body: &Value) -> Page {
        let answer = self.sign_in(body);
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.with_cookie(answer.cookie())
    }
}

fn secret_of(server: &Server) -> Value {
    let secret = std::fs::read_to_string(server.data().join("admin-secret")).unwrap();
    json!({"clientId": "admin", "clientSecret": secret})
}

/// The token of a link, which stands behind the `#`.
fn token_of(link: &str) -> String {
    link.split_once("/console/sign-in#link=").unwrap_or_else(|| panic!("no login link: {link}")).1.to_owned()
}

fn login_link(server: &Server) -> String {
    let ran = outflow(&["login-link", "--data-dir", text(&server.data())], &Vec::new());
    ran.expect_status(0).stdout.lines().last().unwrap().to_owned()
}

#[test]
fn every_page_is_there_under_a_strict_policy_and_for_anybody() {
    let server = Server::start();
    let page = Page::of(&server);
    let root = page.get("/");
    assert_eq!((root.status, root.header("location")), (307, "/console/"));
    for path in ["/console", "/console/", "/console/sign-in", "/console/destinations/7/runs?tab=files", "/console/a.b"]
    {
        let answer = page.get(path);
        assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"), "{path}");
        let policy = answer.header("content-security-policy").to_owned();
        for directive in ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"] {
            assert!(policy.split("; ").any(|one| one == directive), "{policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(!answer.text.contains("https://"), "another host: {}", answer.text);
        let head = page.send_with("HEAD", path, &[], None);
        assert_eq!(
            (head.status, head.text.as_str(), head.header("content-length")),
            (200, "", answer.header("content-length"))
        );
    }
    assert_eq!(page.send_with("POST", "/console/sign-in", &[], None).status, 405);
    let unknown = page.get("/consoles");
    assert_eq!((unknown.status, unknown.header("content-type")), (404, "application/problem+json"));
}

#[test]
fn a_secret_signs_in_and_signing_out_ends_the_session_everywhere() {
    let server = Server::start();
    let page = Page::of(&server);
    assert_eq!(page.get(SESSION).json()["error_code"], "403010");
    for wrong in
        [json!({"clientId": "admin", "clientSecret": "wrong"}), json!({"clientId": "nobody", "clientSecret": "x"})]
    {
        let answer = page.sign_in(&wrong);
        assert_eq!((answer.status, answer.header("set-cookie")), (401, ""), "{}", answer.text);
        assert!(answer.text.contains("its secret is wrong"), "{}", answer.text);
    }
    let answer = page.sign_in(&secret_of(&server));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let set = answer.header("set-cookie");
    for flag in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(set.split("; ").any(|one| one == flag), "{flag}");
    }
    assert!(set.starts_with("outflow-session=") && !set.contains("Secure") && !set.contains("Domain"));
    let token = answer.cookie().split_once('=').unwrap().1.to_owned();
    assert!(!answer.text.contains(&token), "a script could read it");
    let browser = page.with_cookie(answer.cookie());
    let session = browser.get(SESSION).json();
    assert_eq!((&session["clientId"], &session["scopes"]), (&json!("admin"), &json!(["*"])));
    assert_eq!(browser.get(FLOWS).status, 200);
    let segment = json!({"name": "By cookie", "expression": {"type": "PQL", "format": "pql/text", "value": "a = 1"}});
    let made = browser.send("POST", SEGMENTS, Some(&segment));
    assert_ne!(made.status, 403, "{}", made.text);
    let out = browser.send("DELETE", SESSION, None);
    assert_eq!(out.status, 204, "{}", out.text);
    assert!(
        out.header("set-cookie").starts_with("outflow-session=; ") && out.header("set-cookie").contains("Max-Age=0")
    );
    assert_eq!(browser.get(FLOWS).json()["error_code"], "401013");
    // It is a token like any other, and as one it has ended too.
    let by_token = page.send_with("GET", FLOWS, &[("Authorization", &format!("Bearer {token}"))], None);
    assert_eq!(by_token.status, 401);
    assert!(!server.log().contains(&token), "the log has a session");
}

#[test]
fn a_link_signs_in_once_and_stands_alone_on_its_line() {
    let mut server = Server::start();
    let page = Page::of(&server);
    let told = server.said();
    let way = format!("outflow login-link --data-dir {}", text(&server.data().canonicalize().unwrap()));
    assert!(told.lines().last().unwrap().ends_with(&way), "{told}");
    assert!(!told.contains("link="), "stdout is no terminal: a journal would have the link");
    let first = login_link(&server);
    assert!(first.starts_with(&format!("{}/console/sign-in#link=", server.url())), "{first}");
    let second = login_link(&server);
    assert!(second.starts_with(&format!("{}/console/", server.url())), "{second}");
    for link in [&first, &second] {
        let link = json!({ "link": token_of(link) });
        let browser = page.signed_in(&link);
        assert_eq!(browser.get(SESSION).json()["clientId"], "admin");
        let again = page.sign_in(&link);
        assert_eq!((again.status, again.header("set-cookie")), (401, ""));
        assert!(again.json()["hint"].as_str().unwrap().contains("login-link"), "{}", again.text);
        assert!(!server.log().contains(link["link"].as_str().unwrap()), "the log has a link");
    }
    let (data, url) = (server.data(), format!("{}/", server.url()));
    let named = ["login-link", "--data-dir", text(&data), "--server", &url, "--json"];
    let made = outflow(&named, &Vec::new()).expect(0);
    page.signed_in(&json!({ "link": token_of(made["url"].as_str().unwrap()) }));
    let elsewhere = server.temp.path().join("none");
    let none = outflow(&["login-link", "--data-dir", text(&elsewhere), "--server", server.url()], &Vec::new());
    assert!(none.expect_status(2).stderr.contains("admin-secret"), "{}", none.stderr);
    let later = login_link(&server);
    assert_eq!(server.down("-TERM"), Some(0));
    server.up();
    Page::of(&server).signed_in(&json!({ "link": token_of(&later) }));
}

#[test]
fn links_are_good_for_their_time_begin_with_the_public_url_and_are_not_for_collectors() {
    let settings =
        [("OUTFLOW_ACCESS_LOGIN_LINK_SECS", "1"), ("OUTFLOW_SERVER_PUBLIC_URL", "https://outflow.example.com/")];
    let server = Server::with(&[], &variables(&settings));
    let begin = "https://outflow.example.com/console/sign-in#link=";
    let link = login_link(&server);
    assert!(link.starts_with(begin), "{link}");
    std::thread::sleep(Duration::from_millis(1_100));
    let late = Page::of(&server).sign_in(&json!({ "link": token_of(&link) }));
    assert_eq!(late.status, 401, "{}", late.text);
    assert!(late.text.contains("its time is over"), "{}", late.text);
    let server = Server::with(&[], &variables(&[("OUTFLOW_LOG_FORMAT", "json")]));
    assert_eq!(server.said(), "");
    Page::of(&server).signed_in(&json!({ "link": token_of(&login_link(&server)) }));
}

#[test]
fn another_site_changes_nothing_with_a_browsers_cookie() {
    let server = Server::start();
    let browser = Page::of(&server).signed_in(&secret_of(&server));
    let mark = ("X-Outflow-Console", "1");
    let body = json!({"name": "Forged"});
    for headers in [
        &[][..],
        &[("Origin", server.url())],
        &[mark, ("Sec-Fetch-Site", "cross-site")],
        &[mark, ("Sec-Fetch-Site", "same-site")],
        &[mark, ("Origin", "http://127.0.0.1:1")],
        &[mark, ("Origin", "null")],
    ] {
        for (method, path) in
            [("POST", SEGMENTS), ("DELETE", "/data/core/ups/segment/definitions/x"), ("DELETE", SESSION)]
        {
            let answer = browser.send_with(method, path, headers, Some(&body));
            assert_eq!(
                (answer.status, &answer.json()["error_code"]),
                (403, &json!("403027")),
                "{method} {path} {headers:?}"
            );
        }
        let sign_in = browser.send_with("POST", SESSION, headers, Some(&secret_of(&server)));
        assert_eq!((sign_in.status, sign_in.header("set-cookie")), (403, ""), "{headers:?}");
        // A page of another origin gets no answer to read: it may not even ask for leave.
        let asked = browser.send_with("OPTIONS", SEGMENTS, headers, None);
        assert_eq!(asked.header("access-control-allow-origin"), "");
    }
    assert_eq!(browser.get(FLOWS).status, 200, "the session is still there");
    let own = browser.send_with("POST", SEGMENTS, &[mark, ("Origin", server.url())], Some(&body));
    assert_eq!(own.status, 400, "it is looked at: {}", own.text);
    // Programs send a token, and nothing that browsers send matters then.
    let token = format!("Bearer {}", server.token());
    let headers =
        [("Authorization", &*token), ("Origin", "https://elsewhere.example.com"), ("Sec-Fetch-Site", "cross-site")];
    assert_eq!(browser.send_with("POST", SEGMENTS, &headers, Some(&body)).status, 400);
    let odd = browser.send_with("GET", FLOWS, &[("Authorization", "Bearer odd")], None);
    assert_eq!(odd.status, 401, "the cookie does not make up for a token that is not valid");
}

#[test]
fn a_run_is_watched_by_cookie() {
    let mut server = Server::with(&[], &variables(&[("OUTFLOW_DESTINATIONS_FOLDER_ROOT", "/")]));
    server.attach("customers", &lake(2_000, 1, 1));
    server.ask(&["segments", "create", "all", "--rule", r#"profileId != "nobody""#]);
    server.ask(&["segments", "evaluate", "all"]);
    let place = Place::new(Kind::Folder);
    let access = access(&place);
    server.create_account("account", &access).expect(0);
    let flow = server.create_destination("flow", "account", &access)["flowId"].as_str().unwrap().to_owned();
    let schedule = ["--segment", "all", "--frequency", "daily", "--start-time", "00:00", "--start-date", "2999-01-01"];
    server.ask(&[&["flows", "activate", "flow", "--map", "profileId"], &schedule[..]].concat());
    let browser = Page::of(&server).signed_in(&secret_of(&server));
    let begun = browser.send("POST", "/data/foundation/flowservice/runs", Some(&json!({ "flowId": flow })));
    assert_eq!(begun.status, 201, "{}", begun.text);
    let path = format!("/data/foundation/flowservice/runs/{}/progress", begun.json()["id"].as_str().unwrap());
    // As an event source asks, which can send no header of its own.
    let watched = browser.get(&path);
    assert_eq!((watched.status, watched.header("content-type")), (200, "text/event-stream"));
    assert!(watched.text.contains("event: end\ndata: {"), "{}", watched.text);
    assert_eq!(Page::of(&server).get(&path).status, 403);
}

#[test]
fn behind_a_proxy_that_speaks_tls_the_cookie_is_bound_to_it() {
    let server = Server::with(&["--behind-proxy"], &Vec::new());
    let page = Page::of(&server);
    let answer = page.sign_in(&secret_of(&server));
    let set = answer.header("set-cookie");
    assert!(set.starts_with("__Host-outflow-session=") && set.split("; ").any(|flag| flag == "Secure"), "other flags");
    let browser = page.with_cookie(answer.cookie());
    assert_eq!(browser.get(FLOWS).status, 200);
    // The proxy may ask the server under another name than browsers ask the proxy.
    let headers =
        [("X-Outflow-Console", "1"), ("Sec-Fetch-Site", "same-origin"), ("Origin", "https://outflow.example.com")];
    assert_eq!(browser.send_with("DELETE", SESSION, &headers, None).status, 204);
}

#[test]
fn sessions_end_when_nobody_uses_them_and_with_their_clients_secret() {
    let settings = [("OUTFLOW_ACCESS_SESSION_IDLE_SECS", "60"), ("OUTFLOW_ACCESS_SESSION_MAX_SECS", "3600")];
    let server = Server::with(&[], &variables(&settings));
    let answer = Page::of(&server).sign_in(&secret_of(&server));
    assert!(answer.header("set-cookie").split("; ").any(|flag| flag == "Max-Age=3600"));
    let browser = Page::of(&server).with_cookie(answer.cookie());
    let end = || browser.get(SESSION).json()["expiresAt"].as_i64().unwrap();
    let first = end();
    assert!(eventually(|| end() > first), "a session that is used is not prolonged");
    outflow(&["keys", "reset-admin", "--data-dir", text(&server.data())], &Vec::new()).expect_status(0);
    assert_eq!(browser.get(SESSION).status, 401);
}

#[test]
fn who_tries_secrets_is_held_up_and_nobody_else() {
    let server = Server::start();
    let page = Page::of(&server);
    let browser = page.signed_in(&secret_of(&server));
    let wrong = json!({"clientId": "admin", "clientSecret": "wrong"});
    let begun = Instant::now();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..200).map(|_| scope.spawn(|| page.sign_in(&wrong).status)).collect();
        assert_eq!(browser.get(FLOWS).status, 200, "who is signed in waits for nobody");
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    println!("200 wrong secrets in {:?}", begun.elapsed());
    assert!(statuses.iter().all(|status| [401, 503].contains(status)), "{statuses:?}");
    assert_eq!(page.sign_in(&secret_of(&server)).status, 200);
}
