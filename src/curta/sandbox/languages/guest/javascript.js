// What a script finds beside the language: a console, timers, `process`, and the modules fs, path and util, as far as
// short programs use them. Made of the functions in `__host`, which only this file sees.
(() => {
    const host = globalThis.__host;
    delete globalThis.__host;

    // Showing values, much as Node does

    const shownKey = (key) => (typeof key === "symbol" ? `[${String(key)}]` : /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key));

    const quoted = (text) => `'${text.replace(/\\/g, "\\\\").replace(/'/g, "\\'").replace(/\n/g, "\\n")}'`;

    function shown(value, inside = new Set()) {
        if (typeof value === "string") return quoted(value);
        if (typeof value === "bigint") return `${value}n`;
        if (typeof value === "symbol") return String(value);
        if (typeof value === "function") return `[${/^class\b/.test(value) ? "class" : "Function"}${value.name ? `: ${value.name}` : " (anonymous)"}]`;
        if (Object.is(value, -0)) return "-0";
        if (typeof value !== "object" || value === null) return String(value);
        if (inside.has(value)) return "[Circular *1]";
        if (value instanceof Error) return value.stack ? `${value}\n${value.stack}`.trimEnd() : String(value);
        if (value instanceof Date) return isNaN(value) ? "Invalid Date" : value.toISOString();
        if (value instanceof RegExp) return String(value);
        if (inside.size > 4) return Array.isArray(value) ? "[Array]" : "[Object]";
        inside.add(value);
        const text = shownParts(value, inside);
        inside.delete(value);
        return text;
    }

    function shownParts(value, inside) {
        const each = (item) => shown(item, inside);
        const name = value.constructor?.name ?? "";
        if (Array.isArray(value)) return joined("[", [...value.slice(0, 100).map(each), ...more(value.length - 100)], "]");
        if (ArrayBuffer.isView(value) && value.length !== undefined)
            return joined(`${name}(${value.length}) [`, [...Array.from(value.slice(0, 100), each), ...more(value.length - 100)], "]");
        if (value instanceof Map) return joined(`Map(${value.size}) {`, Array.from(value, ([key, item]) => `${each(key)} => ${each(item)}`), "}");
        if (value instanceof Set) return joined(`Set(${value.size}) {`, Array.from(value, each), "}");
        if (value instanceof Promise) return "Promise {}";
        const parts = Object.keys(value).map((key) => `${shownKey(key)}: ${each(value[key])}`);
        const head = name && name !== "Object" ? `${name} {` : Object.getPrototypeOf(value) === null ? "[Object: null prototype] {" : "{";
        return joined(head, parts, "}");
    }

    const more = (count) => (count > 0 ? [`... ${count} more item${count > 1 ? "s" : ""}`] : []);

    function joined(open, parts, close) {
        if (!parts.length) return open + close;
        const line = `${open} ${parts.join(", ")} ${close}`;
        if (line.length <= 76 && !line.includes("\n")) return line;
        return `${open}\n${parts.map((part) => "  " + part.replace(/\n/g, "\n  ")).join(",\n")}\n${close}`;
    }

    function format(...values) {
        if (typeof values[0] === "string" && values[0].includes("%")) {
            const [text, ...rest] = values;
            const filled = text.replace(/%([sdifjoOc%])/g, (all, letter) => {
                if (letter === "%") return "%";
                if (!rest.length) return all;
                const value = rest.shift();
                if (letter === "c") return "";
                if (letter === "s") return typeof value === "string" ? value : typeof value === "object" ? shown(value) : String(value);
                if (letter === "d") return typeof value === "bigint" ? `${value}n` : String(Number(value));
                if (letter === "i") return String(parseInt(value));
                if (letter === "f") return String(parseFloat(value));
                return letter === "j" ? JSON.stringify(value) : shown(value);
            });
            values = [filled, ...rest];
        }
        return values.map((value) => (typeof value === "string" ? value : shown(value))).join(" ");
    }

    // The console

    let indent = "";
    const say = (stream) => (...values) => host.print(stream, format(...values).replace(/^/gm, indent) + "\n");
    const counts = new Map(), times = new Map();
    const log = say(1), warn = say(2);
    const console = {
        log, info: log, debug: log, dir: (value) => log(value), error: warn, warn, trace: warn,
        assert: (holds, ...values) => holds || warn("Assertion failed" + (values.length ? ":" : ""), ...values),
        group: (...values) => { if (values.length) log(...values); indent += "  "; },
        groupEnd: () => { indent = indent.slice(2); },
        count: (name = "default") => { counts.set(name, (counts.get(name) ?? 0) + 1); log(`${name}: ${counts.get(name)}`); },
        time: (name = "default") => { times.set(name, host.now()); },
        timeEnd: (name = "default") => log(`${name}: ${(host.now() - times.get(name)).toFixed(3)}ms`),
        table: (rows) => table(rows),
    };

    function table(rows) {
        if (typeof rows !== "object" || rows === null) return log(rows);
        const entries = Object.entries(rows);
        const names = [...new Set(entries.flatMap(([, row]) => (typeof row === "object" && row ? Object.keys(row) : [])))];
        const plain = entries.some(([, row]) => typeof row !== "object" || !row);
        const head = ["(index)", ...names, ...(plain ? ["Values"] : [])];
        const cell = (row, name) => (typeof row === "object" && row && name in row ? shown(row[name]) : "");
        const body = entries.map(([key, row]) => [key, ...names.map((name) => cell(row, name)), ...(plain ? [typeof row === "object" && row ? "" : shown(row)] : [])]);
        const widths = head.map((_, place) => Math.max(...[head, ...body].map((row) => row[place].length)));
        const line = (row) => "│ " + row.map((text, place) => text.padEnd(widths[place])).join(" │ ") + " │";
        const rule = (left, cross, right) => left + widths.map((width) => "─".repeat(width + 2)).join(cross) + right;
        log([rule("┌", "┬", "┐"), line(head), rule("├", "┼", "┤"), ...body.map(line), rule("└", "┴", "┘")].join("\n"));
    }

    // Timers: `__turn` runs the next one that is due, and says whether any was left.

    const timers = new Map();
    let made = 0;
    const arm = (again) => (act, wait = 0, ...values) => {
        wait = Math.max(again ? 1 : 0, Number(wait) || 0);
        timers.set(++made, { act: () => act(...values), due: host.now() + wait, wait, again });
        return made;
    };
    const disarm = (number) => void timers.delete(number);
    Object.defineProperty(globalThis, "__turn", {
        configurable: true,
        value: () => {
            let next = null;
            for (const [number, timer] of timers) if (next === null || timer.due < timers.get(next).due) next = number;
            if (next === null) return false;
            const timer = timers.get(next);
            host.sleep(timer.due - host.now());
            if (timer.again) timer.due = host.now() + timer.wait;
            else timers.delete(next);
            timer.act();
            return true;
        },
    });

    // Files

    const bytes = (data) => (typeof data === "string" ? host.bytes(data) : data instanceof ArrayBuffer ? new Uint8Array(data)
        : ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : host.bytes(String(data)));
    const encodingOf = (options) => (typeof options === "string" ? options : options?.encoding);
    const place = (path) => (path === 0 ? "/dev/stdin" : String(path));
    const asText = (data) => Object.defineProperty(data, "toString", { value: () => host.text(data) });
    const stats = (found) => ({ size: found.size, mtimeMs: found.mtimeMs, mtime: new Date(found.mtimeMs), isFile: () => !found.folder, isDirectory: () => found.folder });
    const exists = (path) => { try { host.stat(String(path)); return true; } catch { return false; } };

    function makeFolder(path, options) {
        if (!options?.recursive) return host.makeFolder(String(path));
        const names = path.split("/");
        for (let count = 1; count <= names.length; count++) {
            const part = names.slice(0, count).join("/");
            if (part && !exists(part)) host.makeFolder(part);
        }
    }

    function remove(path, options) {
        if (!exists(path) && options?.force) return;
        if (!host.stat(path).folder) return host.remove(path);
        if (options?.recursive) for (const name of host.list(path)) remove(`${path}/${name}`, options);
        host.removeFolder(path);
    }

    const fs = {
        readFileSync: (path, options) => { const data = host.read(place(path)); return encodingOf(options) ? host.text(data) : asText(data); },
        writeFileSync: (path, data, options) => host.write(String(path), bytes(data), options?.flag === "a" ? "ab" : "wb"),
        appendFileSync: (path, data) => host.write(String(path), bytes(data), "ab"),
        copyFileSync: (path, target) => host.write(String(target), host.read(String(path)), "wb"),
        readdirSync: (path, options) => {
            const names = host.list(String(path)).sort();
            return options?.withFileTypes ? names.map((name) => ({ name, ...stats(host.stat(`${path}/${name}`)) })) : names;
        },
        existsSync: exists,
        statSync: (path) => stats(host.stat(String(path))),
        lstatSync: (path) => stats(host.stat(String(path))),
        mkdirSync: makeFolder,
        unlinkSync: (path) => host.remove(String(path)),
        rmdirSync: (path) => host.removeFolder(String(path)),
        rmSync: remove,
        renameSync: (path, target) => host.rename(String(path), String(target)),
    };
    fs.promises = {};
    for (const name of Object.keys(fs).filter((each) => each.endsWith("Sync"))) fs.promises[name.slice(0, -4)] = async (...values) => fs[name](...values);
    for (const name of Object.keys(fs.promises))
        fs[name] = (...values) => { const then = values.pop(); fs.promises[name](...values).then((value) => then(null, value), then); };

    // Paths

    function normalize(path) {
        const parts = [];
        for (const name of path.split("/")) {
            if (name === ".." && parts.length && parts.at(-1) !== "..") parts.pop();
            else if (name === ".." ? !path.startsWith("/") : name && name !== ".") parts.push(name);
        }
        return (path.startsWith("/") ? "/" : "") + parts.join("/") || ".";
    }
    const basename = (path, ending = "") => { const name = path.replace(/\/+$/, "").split("/").at(-1); return ending && name.endsWith(ending) ? name.slice(0, -ending.length) : name; };
    const extname = (path) => /.(\.[^./]*)$/.exec(basename(path))?.[1] ?? "";
    const path = {
        sep: "/", normalize, basename, extname,
        join: (...parts) => normalize(parts.filter(Boolean).join("/")),
        resolve: (...parts) => normalize(parts.reduceRight((done, part) => (done.startsWith("/") ? done : `${part}/${done}`), "").replace(/^(?!\/)/, "/work/")),
        dirname: (path) => (path.includes("/") ? path.replace(/\/[^/]*\/*$/, "") || "/" : "."),
        isAbsolute: (path) => path.startsWith("/"),
        parse: (path) => ({ dir: path.includes("/") ? path.replace(/\/[^/]*$/, "") : "", base: basename(path), ext: extname(path), name: basename(path, extname(path)) }),
    };

    // The process, and what can be required

    const process = {
        argv: ["javascript", "/program/main.js"], env: {}, platform: "wasi", version: "", exitCode: undefined,
        cwd: () => "/work", exit: (code = 0) => host.exit(code), uptime: () => host.now() / 1000, nextTick: (act, ...values) => queueMicrotask(() => act(...values)),
        hrtime: Object.assign(() => [Math.floor(host.now() / 1000), Math.round((host.now() % 1000) * 1e6)], { bigint: () => BigInt(Math.round(host.now() * 1e6)) }),
        memoryUsage: () => ({ heapUsed: 0, rss: 0 }), on: () => process,
        stdout: { write: (text) => (host.print(1, String(text)), true), isTTY: false },
        stderr: { write: (text) => (host.print(2, String(text)), true), isTTY: false },
    };

    class AssertionError extends Error { name = "AssertionError"; }
    const same = (one, other) => one === other || Object.is(one, other) || (typeof one === "object" && shown(one) === shown(other));
    const require_that = (holds, message) => { if (!holds) throw message instanceof Error ? message : new AssertionError(message ?? "assertion failed"); };
    const assert = Object.assign((holds, message) => require_that(holds, message), {
        ok: (holds, message) => require_that(holds, message), AssertionError,
        equal: (one, other, message) => require_that(one == other, message ?? `${shown(one)} == ${shown(other)}`),
        strictEqual: (one, other, message) => require_that(Object.is(one, other), message ?? `${shown(one)} === ${shown(other)}`),
        notStrictEqual: (one, other, message) => require_that(!Object.is(one, other), message ?? `${shown(one)} !== ${shown(other)}`),
        deepEqual: (one, other, message) => require_that(same(one, other), message ?? `${shown(one)} deep-equals ${shown(other)}`),
        throws: (act, expected, message) => { try { act(); } catch { return; } require_that(false, message ?? "Missing expected exception."); },
    });
    assert.deepStrictEqual = assert.deepEqual;

    const known = {
        fs, path, assert, process, "fs/promises": fs.promises, console,
        util: { format, inspect: (value) => shown(value), promisify: (act) => (...values) => new Promise((done, fail) => act(...values, (error, value) => (error ? fail(error) : done(value)))) },
        os: { EOL: "\n", platform: () => "wasi", tmpdir: () => "/tmp", cpus: () => [] },
        perf_hooks: { performance: { now: () => host.now() } },
    };

    function require(name) {
        name = String(name);
        const bare = name.replace(/^node:/, "");
        if (Object.hasOwn(known, bare)) return known[bare];
        if (!/^[./]/.test(name)) throw new Error(`Cannot find module '${name}': the sandbox has ${Object.keys(known).join(", ")} and the files of /work`);
        return file(name);
    }

    function clone(value, done) {
        if (typeof value === "function") throw new TypeError("a function cannot be cloned");
        if (typeof value !== "object" || value === null) return value;
        if (done.has(value)) return done.get(value);
        if (value instanceof Date) return new Date(value);
        if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value.slice();
        const made = Array.isArray(value) ? [] : value instanceof Map ? new Map() : value instanceof Set ? new Set() : {};
        done.set(value, made);
        if (made instanceof Map) for (const [key, item] of value) made.set(clone(key, done), clone(item, done));
        else if (made instanceof Set) for (const item of value) made.add(clone(item, done));
        else for (const key of Object.keys(value)) made[key] = clone(value[key], done);
        return made;
    }

    const files = new Map();
    function file(name) {
        const found = [name, `${name}.js`, `${name}.json`, `${name}/index.js`].find((each) => exists(each) && !host.stat(each).folder);
        if (!found) throw new Error(`Cannot find module '${name}'`);
        if (!files.has(found)) {
            const module = { exports: {} };
            files.set(found, module);
            const text = host.text(host.read(found));
            if (found.endsWith(".json")) module.exports = JSON.parse(text);
            else new Function("module", "exports", "require", text)(module, module.exports, require);
        }
        return files.get(found).exports;
    }

    Object.assign(globalThis, {
        console, process, require, print: log, module: { exports: {} }, exports: {}, performance: known.perf_hooks.performance,
        setTimeout: arm(false), setInterval: arm(true), setImmediate: (act, ...values) => arm(false)(act, 0, ...values),
        clearTimeout: disarm, clearInterval: disarm, clearImmediate: disarm,
        structuredClone: (value) => clone(value, new Map()),
        TextEncoder: class { encode(text = "") { return host.bytes(text); } },
        TextDecoder: class { decode(data) { return host.text(bytes(data)); } },
    });
})();
