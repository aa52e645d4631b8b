/* The page verifier/verify.html judges as verifier/verify_draw.py does (run by `make web`).

   Takes the script "core" out of the page and runs it in Node over the golden vectors, over sampled
   mutations of them and over random draws whose teams come from a naive oracle; exit codes and
   every line (status and name) must be those of the Python script. Also: SHA-256 against Node's
   own, strict JSON, the question of a firm, and that the page names no other host.

   node tests/web/verify_page.mjs      (PYTHON names the interpreter; default .venv or python3) */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const VENV = join(ROOT, ".venv", "bin", "python");
const PYTHON = process.env.PYTHON || (existsSync(VENV) ? VENV : "python3");
const page = readFileSync(join(ROOT, "verifier", "verify.html"), "utf8");
const vectors = readFileSync(join(ROOT, "tests", "golden", "draw-v1.json"));
const quotas = JSON.parse(readFileSync(join(ROOT, "tests", "golden", "quota-v1.json"), "utf8"));

const scripts = [...page.matchAll(/<script id="(\w+)">([\s\S]*?)<\/script>/g)];
assert.deepEqual(scripts.map((s) => s[1]), ["core", "page"]);
new Function(scripts[1][2]); // the rest of the page parses, too
// The core sees no document, no crypto and no network: it is given nothing but the language.
const core = new Function("document", "crypto", "fetch", `${scripts[0][2]}\nreturn SunlotCore;`)();

function python(...args) {
  return execFileSync(PYTHON, ["-B", "-m", ...args], {
    cwd: ROOT, encoding: "utf8", maxBuffer: 2 ** 30, env: { ...process.env, PYTHONUTF8: "1" },
  });
}

function judge(text) {
  try {
    const report = core.verify(core.bundlesOf(text)[0]);
    return { code: report.failed ? 1 : 0, lines: report.lines.map((l) => [l.status, l.name]), report };
  } catch (error) {
    if (error instanceof core.NotABundle) return { code: 2, lines: [] };
    throw error;
  }
}

const tests = {
  "SHA-256 agrees with Node's at every length around the block borders"() {
    assert.equal(core.sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (let length = 0; length < 300; length += 1) {
      const text = randomBytes(length).toString("hex").slice(0, length);
      assert.equal(core.sha256(text), createHash("sha256").update(text).digest("hex"));
    }
    const long = "阳光抽查\n".repeat(50000);
    assert.equal(core.sha256(long), createHash("sha256").update(long).digest("hex"));
  },
  "all vectors hold"() {
    const bundles = core.bundlesOf(core.decode(vectors));
    assert.equal(bundles.length, 5);
    for (const bundle of bundles) {
      const report = core.verify(bundle, bundle.get("manifest_sha256"), bundle.get("commits_sha256"));
      assert.deepEqual(report.of("FAIL"), []);
      assert.ok(!report.of("UNVERIFIED").includes("published before the draw"));
      assert.ok(core.verify(bundle, "0".repeat(64)).failed);
      assert.ok(core.verify(bundle, "", "0".repeat(64)).failed);
    }
  },
  "quota vectors"() {
    const map = (object) => new Map(Object.entries(object));
    for (const { total, weight, minimum, maximum, size, quota } of quotas) {
      const rule = new Map([["method", "total"], ["total", total], ["weight", map(weight)],
        ["minimum", map(minimum)], ["maximum", map(maximum)]]);
      const [found] = core.quotaOf(rule, map(size));
      assert.deepEqual(found && [...found].sort(), quota && Object.entries(quota).sort());
    }
  },
  "mutations get the verdict of the Python script, line by line"() {
    let count = 0;
    const codes = [0, 0, 0];
    for (const line of python("tests.verifier.mutate_all", "--dump", "600").split("\n")) {
      if (!line) continue;
      const wanted = JSON.parse(line);
      const found = judge(wanted.text);
      assert.equal(found.code, wanted.code, wanted.what);
      assert.deepEqual(found.lines, wanted.lines, wanted.what);
      codes[found.code] += 1;
      count += 1;
    }
    assert.ok(count > 1000 && codes[1] > 900, `${codes}`);
    return `${count} mutations; codes 0/1/2: ${codes.join("/")}`;
  },
  "random draws with teams by a naive oracle hold"() {
    const text = python("tests.verifier.random_draws", "600");
    const bundles = core.bundlesOf(text);
    for (const bundle of bundles) {
      const report = core.verify(bundle);
      assert.deepEqual(report.of("FAIL"), [], bundle.get("manifest").get("draw_no"));
    }
    return `${bundles.length} draws`;
  },
  "what is no strict JSON is no bundle"() {
    const good = JSON.stringify(JSON.parse(vectors.toString())[0]);
    assert.equal(judge(good).code, 0);
    const bad = [
      "", "{", "1", "[]", "[[]]", '"x"', "\ufeff" + good, good + "x",
      good.replace('"beacon":""', '"beacon":"","beacon":""'),
      good.replace('"cap":3', '"cap":3,"c\\u0061p":3'),
      good.replace('"cap":3', '"cap":3.0'), good.replace('"cap":3', '"cap":3e0'),
      good.replace('"cap":3', '"cap":03'), good.replace('"cap":3', '"cap":NaN'),
      good.replace('"cap":3', '"cap":9007199254740992'), good.replace('"cap":3', '"cap":3,'),
      good.replace('"cap":3', `"cap":${"9".repeat(6000)}`),
      good.replace("dice:20d10", "\\ud800"), good.replace("dice:20d10", "a\nb"),
      good.replace("dice:20d10", "\\x"), "[".repeat(100000) + "]".repeat(100000),
    ];
    for (const text of bad) {
      assert.notEqual(text, good);
      assert.equal(judge(text).code, 2, text.slice(0, 60));
    }
    assert.throws(() => core.decode(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])), core.NotABundle);
    assert.throws(() => core.decode(Buffer.from([0xb2, 0xe2])), core.NotABundle);
    const odd = judge(`{"__proto__":{"x":1},${good.slice(1)}`);
    assert.equal(odd.code, 0);
    assert.deepEqual(odd.lines[0], ["NOTE", "unknown key"]);
  },
  "a firm learns where it stands, and its command gives its ticket"() {
    const bundle = core.bundlesOf(core.decode(vectors))[4];
    const report = core.verify(bundle);
    const ask = (code) => core.lookup(bundle, report, code);
    const won = bundle.get("selected").get("B")[1];
    assert.equal(ask(won[1]).outcome, "selected");
    assert.equal(ask(won[1]).ticket, won[0]);
    assert.equal(ask(won[1]).rank, 2);
    assert.equal(ask(won[1]).cutoff, bundle.get("cutoff").get("B"));
    const next = bundle.get("reserve").get("B")[0];
    assert.equal(ask(next[1]).outcome, "reserve");
    assert.equal(ask(next[1]).reserveRank, 1);
    assert.equal(ask(next[1]).replaces, bundle.get("voids")[0].get("object"));
    assert.equal(ask(bundle.get("voids")[0].get("object")).voided, "CANCELLED");
    assert.equal(ask(bundle.get("reserve").get("A")[0][1]).cutoff, null);
    const [code, reason] = bundle.get("excluded").split("\n")[0].split("\t");
    assert.deepEqual(ask(code), { state: "excluded", reason });
    assert.equal(ask("91150525MA00000000").state, "not-in-scope");
    assert.equal(ask("x y").state, "bad-code");
    const output = execFileSync("sh", ["-c", ask(won[1]).command], { encoding: "utf8" });
    assert.equal(output.slice(0, 64), won[0]);
  },
  "a contribution has the commitment of the vectors"() {
    for (const bundle of core.bundlesOf(core.decode(vectors))) {
      for (const [who, value] of bundle.get("contributions")) {
        assert.ok(core.isValue(value));
        assert.equal(core.commitment(bundle.get("manifest_sha256"), who, value),
          bundle.get("contribution_commits").get(who));
      }
    }
  },
  "the page loads nothing and writes no markup"() {
    assert.ok(!/https?:\/\/|\bsrc=|<link|@import|url\(|innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|localStorage|crypto\.subtle\./.test(page));
    assert.ok(!/Math\.random/.test(page));
    assert.ok(page.includes("default-src 'none'"));
  },
};

let failures = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    const said = test();
    console.log(`ok    ${name}${said ? ` (${said})` : ""}`);
  } catch (error) {
    failures += 1;
    console.log(`FAIL  ${name}\n${error.stack}`);
  }
}
process.exit(failures ? 1 : 0);
