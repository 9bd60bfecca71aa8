//! The cost of a run of `get_tenant_usage`, compared with a Python script with `requests` that sends the same call to the
//! same sandbox and saves the response. Also the cost of the sandbox itself.
//!
//! ```text
//! cargo bench -p tests --bench get_tenant_usage
//! ```
//!
//! Measurements are noisy, so the programs run alternately, and the result is the ratio of the medians. Without a
//! Python with `requests`, the script is skipped. `PYTHON` sets the interpreter.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use sandbox::binaries::{self, Binaries, Selection};
use serde_json::Value;
use wait4::Wait4;

/// How many times each program runs.
const ROUNDS: usize = 60;

/// CPU time and peak memory of one process.
#[derive(Clone, Copy)]
struct Cost {
    cpu: Duration,
    kib: u64,
}

fn main() {
    let root = binaries::checkout().expect("a checkout");
    let build = |packages: &[&str]| {
        Binaries::build(&root, Selection::Packages(packages), false).expect("cargo builds them")
    };
    let (examples, sandboxes) = (build(&["authorization", "usage"]), build(&["sandbox"]));
    let home = tempfile::tempdir().expect("a folder");
    let sandbox_binary = sandboxes.path("sandbox", "sandbox");

    let accepting = median(
        &mut (0..15)
            .map(|_| start(&sandbox_binary).1)
            .collect::<Vec<_>>(),
    );
    let (sandbox, _, url, password) = start_with_password(&sandbox_binary);
    sign_in(&examples, &root, home.path(), &url, &password);

    let python = env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let script = root.join("tests/benches/get_tenant_usage.py");
    let has_python = Command::new(&python)
        .args(["-c", "import requests"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());

    let example = || Command::new(examples.path("usage", "get_tenant_usage"));
    let nothing = || Command::new("true");
    let script_run = || {
        let mut command = Command::new(&python);
        command.arg(&script);
        command
    };
    let (mut floor, mut example_costs, mut script_costs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        floor.push(run(nothing(), home.path()));
        example_costs.push(run(example(), home.path()));
        if has_python {
            script_costs.push(run(script_run(), home.path()));
        }
    }

    println!(
        "\n{:24} {:>12} {:>12} {:>12}",
        "", "CPU median", "CPU minimum", "peak memory"
    );
    print_row("true", &floor);
    let example = print_row("get_tenant_usage", &example_costs);
    if has_python {
        let script = print_row("Python with requests", &script_costs);
        println!(
            "\nget_tenant_usage costs 1/{:.0} of the CPU time and 1/{:.1} of the memory of the script",
            script.cpu.as_secs_f64() / example.cpu.as_secs_f64(),
            script.kib as f64 / example.kib as f64
        );
    } else {
        println!("\nno Python with requests to compare with");
    }
    println!(
        "\nThe sandbox accepts connections {:.0} ms after its start (median of 15) and idles at {}",
        accepting.as_secs_f64() * 1e3,
        resident(sandbox.0.id())
            .map_or("an unknown size".to_owned(), |mib| format!("{mib:.1} MiB"))
    );
}

/// A sandbox process that ends on drop.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(binary: &Path) -> (Running, Duration) {
    let (running, took, ..) = start_with_password(binary);
    (running, took)
}

/// Starts a sandbox with the demo world, and measures how long it takes until it accepts a connection.
fn start_with_password(binary: &Path) -> (Running, Duration, String, String) {
    let started = Instant::now();
    let mut child = Command::new(binary)
        .args(["--listen", "127.0.0.1:0", "--ephemeral"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the sandbox starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("its output"))
        .read_line(&mut line)
        .expect("its first line");
    let first: Value = serde_json::from_str(&line).expect("JSON in its first line");
    let text = |key: &str| {
        first
            .get(key)
            .and_then(Value::as_str)
            .expect(key)
            .to_owned()
    };
    let url = text("url");
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    TcpStream::connect(address).expect("a connection");
    let took = started.elapsed();
    (Running(child), took, url, text("admin_password"))
}

/// Prepares the home folder that `get_tenant_usage` needs: settings, API client, token.
fn sign_in(examples: &Binaries, root: &Path, home: &Path, url: &str, password: &str) {
    let defaults = "cyber.platform.cfg.defaults.json";
    fs::copy(root.join(defaults), home.join(defaults)).expect("the default settings");
    let settings = serde_json::json!({ "base_url": url }).to_string();
    fs::write(home.join("cyber.platform.cfg.json"), settings).expect("the settings");
    for binary in ["create_api_client", "issue_access_token"] {
        let mut child = Command::new(examples.path("authorization", binary))
            .env("CYBER_PLATFORM_HOME", home)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect(binary);
        let mut input = child.stdin.take().expect("its input");
        // issue_access_token reads nothing and may have ended.
        let _ = write!(input, "admin\n{password}\n");
        drop(input);
        assert!(child.wait().expect(binary).success(), "{binary}");
    }
}

fn run(mut command: Command, home: &Path) -> Cost {
    let mut child = command
        .env("CYBER_PLATFORM_HOME", home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("a program");
    let used = child.wait4().expect("its end");
    assert!(used.status.success(), "{command:?}");
    Cost {
        cpu: used.rusage.utime + used.rusage.stime,
        kib: used.rusage.maxrss / 1024,
    }
}

/// Prints a row of the table and returns the medians.
fn print_row(name: &str, costs: &[Cost]) -> Cost {
    let mut cpu: Vec<_> = costs.iter().map(|cost| cost.cpu).collect();
    let mut kib: Vec<_> = costs.iter().map(|cost| cost.kib).collect();
    let medians = Cost {
        cpu: median(&mut cpu),
        kib: median(&mut kib),
    };
    let minimum = cpu.first().copied().unwrap_or_default();
    println!(
        "{name:24} {:>9.2} ms {:>9.2} ms {:>8.1} MiB",
        medians.cpu.as_secs_f64() * 1e3,
        minimum.as_secs_f64() * 1e3,
        medians.kib as f64 / 1024.0
    );
    medians
}

fn median<T: Copy + Ord>(values: &mut [T]) -> T {
    values.sort_unstable();
    *values.get(values.len() / 2).expect("some values")
}

/// Resident memory of a process in MiB, on systems with `/proc`.
fn resident(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib / 1024.0)
}
