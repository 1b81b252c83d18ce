// A GGUF model in a page: loaded from a file of the user's, or from `?model=FILE` beside the page; asked, streamed,
// stopped. Only this file knows the page; wllama (llama.cpp as WebAssembly) does the work, in a worker of its own.

import { read } from "./gguf.js";
import { Wllama } from "./wllama/index.js";

const WASM = { default: new URL("./wllama/wllama.wasm", location.href).href };
const SIZES = [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]];
const at = (id) => document.getElementById(id);

/** What a person can do something about: what happened, why, and what to do next. */
class Trouble extends Error {
  constructor(what, why = "", then = "") {
    super(what);
    Object.assign(this, { why, then });
  }
}

let engine = null;
let said = [];
let stopping = null;

// The model

async function load(file, name) {
  clearError();
  enable(false);
  await engine?.exit();
  engine = null;
  forget();
  const trained = await checkIsModel(file, name);
  status(`Loading ${name}, ${size(file.size)} …`);
  const began = performance.now();
  const loading = new Wllama(WASM, { suppressNativeLog: true, logger: QUIET });
  loading.setCompat(null); // it would fetch a build for old browsers from elsewhere
  try {
    await loading.loadModel([file], settingsOfModel(trained));
  } catch (error) {
    throw new Trouble(`${name} cannot be run.`, reason(error), "Is the file whole, and does it fit into memory?");
  }
  engine = loading;
  at("loader").classList.add("done");
  at("drop").querySelector("strong").textContent = "Choose another model";
  status(`${name} · ${size(file.size)} · ${facts()} · ready in ${seconds(performance.now() - began)}`);
  enable(true);
  at("words").focus();
}

/** The context the model was made for. wllama waits for ever for bytes that are not there, so that is found before. */
async function checkIsModel(file, name) {
  const found = await read(file).catch((error) => {
    throw new Trouble(`${name} is no GGUF file.`, reason(error), "Models for this page end in .gguf.");
  });
  if (found.missing) {
    throw new Trouble(`${name} is not whole.`, "Its end is missing.", "Get it again: curta models verify finds such files.");
  }
  return found.context;
}

function settingsOfModel(trained) {
  const context = Math.min(number("context"), trained || Infinity);
  return { n_ctx: context, n_parallel: 1, n_gpu_layers: at("gpu").checked ? 99999 : 0, jinja: true };
}

function facts() {
  const threads = engine.isMultithread() ? `${engine.getNumThreads()} threads` : "1 thread";
  return `context of ${engine.getLoadedContextInfo().n_ctx} tokens · ${threads}`;
}

/** The model that the address of the page names: a file of the same origin, and of no other. */
async function loadFromAddress() {
  const named = new URLSearchParams(location.search).get("model");
  if (!named) return;
  const address = new URL(named, location.href);
  if (address.origin !== location.origin) {
    throw new Trouble("This page loads no model from elsewhere.", `${address.origin} is not where it came from.`);
  }
  status(`Fetching ${name(address)} …`);
  const response = await fetch(address);
  if (!response.ok) throw new Trouble(`There is no model at ${address.pathname}.`, `The server said ${response.status}.`);
  await load(await response.blob(), name(address));
}

const name = (address) => decodeURIComponent(address.pathname.split("/").pop());

// The conversation

async function ask(words) {
  clearError();
  const schema = schemaOfAnswer();
  said.push({ role: "user", content: words });
  show("user", words);
  const answer = show("assistant", "");
  answer.classList.toggle("json", Boolean(schema));
  const began = performance.now();
  const ended = await stream(schema, answer);
  said.push({ role: "assistant", content: answer.textContent });
  figures(ended, performance.now() - began);
  if (schema && ended.finish === "stop") checkIsJSON(answer.textContent);
}

async function stream(schema, answer) {
  stopping = new AbortController();
  const ended = { tokens: 0, finish: "stop" };
  busy(true);
  try {
    const chunks = await engine.createChatCompletion({ ...request(schema), stream: true, abortSignal: stopping.signal });
    for await (const chunk of chunks) {
      const choice = chunk.choices?.[0];
      answer.textContent += choice?.delta?.content ?? "";
      ended.tokens = chunk.usage?.completion_tokens ?? chunk.timings?.predicted_n ?? ended.tokens;
      ended.finish = choice?.finish_reason ?? ended.finish;
      answer.scrollIntoView({ block: "end" });
    }
  } catch (error) {
    if (!stopping.signal.aborted) throw new Trouble("The model stopped in the middle.", reason(error), advice(error));
    ended.finish = "stopped";
  } finally {
    busy(false);
  }
  return ended;
}

function request(schema) {
  const system = at("system").value.trim();
  return {
    messages: [...(system ? [{ role: "system", content: system }] : []), ...said],
    max_tokens: number("limit"),
    temperature: number("temperature"),
    stream_options: { include_usage: true },
    ...(schema && { response_format: { type: "json_schema", json_schema: { name: "answer", strict: true, schema } } }),
  };
}

function schemaOfAnswer() {
  const text = at("schema").value.trim();
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Trouble("The schema is not valid JSON.", error.message, "Mend it under Settings, or leave it empty.");
  }
}

function checkIsJSON(text) {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new Trouble("The answer is not JSON of the schema that was asked for.", error.message);
  }
}

function figures(ended, milliseconds) {
  const line = document.createElement("p");
  line.className = "figures";
  const how = { length: "cut at the limit", stopped: "stopped" }[ended.finish];
  const speed = ended.tokens ? `${ended.tokens} tokens, ${Math.round((ended.tokens / milliseconds) * 1000)} a second` : "";
  line.textContent = [how, speed, seconds(milliseconds)].filter(Boolean).join(" · ");
  at("conversation").append(line);
  line.scrollIntoView({ block: "end" });
}

function show(role, text) {
  const line = document.createElement("p");
  line.className = `said ${role}`;
  line.textContent = text;
  at("conversation").append(line);
  return line;
}

function forget() {
  said = [];
  at("conversation").replaceChildren();
}

// What the page says

function status(text) {
  at("status").textContent = text;
}

function tell(error) {
  const trouble = error instanceof Trouble ? error : new Trouble("Something went wrong.", reason(error));
  const head = document.createElement("strong");
  head.textContent = trouble.message;
  const lines = [trouble.why, trouble.then].filter(Boolean).map((text) => {
    const line = document.createElement("p");
    line.textContent = text;
    return line;
  });
  at("error").replaceChildren(head, ...lines);
  at("error").hidden = false;
  if (!engine) status("");
}

function clearError() {
  at("error").hidden = true;
}

function enable(on) {
  for (const id of ["words", "send", "new"]) at(id).disabled = !on;
}

function busy(on) {
  at("send").hidden = on;
  at("stop").hidden = !on;
  at("file").disabled = on;
  at("new").disabled = on;
}

const QUIET = { debug() {}, log() {}, warn() {}, error() {} };
const reason = (error) => String(error?.message ?? error).split("\n")[0];
const number = (id) => Number(at(id).value);
const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

function advice(error) {
  const full = /context|kv/i.test(reason(error));
  return full ? "Load the model again with a larger context, or leave something out." : "Load the model again.";
}

function size(bytes) {
  const [unit, factor] = SIZES.find(([, factor]) => bytes >= factor) ?? ["bytes", 1];
  return `${(bytes / factor).toFixed(factor > 1 && bytes / factor < 10 ? 1 : 0)} ${unit}`;
}

// What a person does

const attempt = (action) => (...given) => action(...given).catch(tell);
const loadFile = attempt((file) => load(file, file.name));
const askModel = attempt(ask);

at("file").addEventListener("change", (event) => event.target.files[0] && loadFile(event.target.files[0]));
at("new").addEventListener("click", () => {
  forget();
  clearError();
  at("words").focus();
});
at("stop").addEventListener("click", () => stopping?.abort());
at("words").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    at("ask").requestSubmit();
  }
});
at("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = at("words").value.trim();
  if (!words || !engine || at("send").hidden) return;
  at("words").value = "";
  askModel(words);
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    at("drop").classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files[0] && !at("file").disabled) loadFile(event.dataTransfer.files[0]);
  });
}

at("gpu").checked = Boolean(navigator.gpu);
attempt(loadFromAddress)();
