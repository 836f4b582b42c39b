// The talk in the browser: posts what is typed or tapped, draws what the stream brings. Only ever sets text.
(() => {
  "use strict";
  const get = (id) => document.getElementById(id);
  const [talk, waiting, writing, note, field, newest, tongues] =
    ["talk", "waiting", "writing", "note", "words", "newest", "tongues"].map(get);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches || navigator.connection?.saveData === true;
  const KEPT = "unsent"; // posts that wait for a connection, in this tab only
  const LONGEST = 2000; // letters of one message; the server reads no more
  const UNREAD = 600; // milliseconds in which nobody has read a new message: a tap then was meant for the one before

  let words = JSON.parse(document.body.dataset.words);
  let mark = document.body.dataset.mark; // which talk this page shows; empty before the first tap
  let last = Number(talk.dataset.last);
  let queue = [];
  let posting = false;
  let gone = false;
  let stream = null;
  let pause = 1;
  let heard = 0; // when the stream last said something
  let held = Boolean(mark); // the browser has shown that it keeps our cookie
  let refusing = navigator.cookieEnabled === false; // it does not: nothing said here would be remembered

  // ── Drawing: the same as templates/line.html ──────────────────────────────────────────────────────────
  function made(tag, name, ...inside) {
    const node = document.createElement(tag);
    if (name) node.className = name;
    node.append(...inside);
    return node;
  }

  function paragraph(...inside) {
    const node = made("p", "", ...inside);
    node.dir = "auto"; // a name or a missing translation may run the other way
    return node;
  }

  function run([text, kind]) {
    if (kind === "b") return made("strong", "", text);
    if (kind === "file") {
      const file = made("a", "", text);
      file.setAttribute("href", "/chat/mydata");
      file.setAttribute("download", text);
      return file;
    }
    if (kind !== "a" || !/^https?:\/\//.test(text)) return text;
    const link = made("a", "", text);
    Object.entries({ href: text, target: "_blank", rel: "noopener noreferrer nofollow" }).forEach((pair) =>
      link.setAttribute(...pair));
    return link;
  }

  function button(one) {
    const node = made("button", "");
    Object.entries({ form: "say", name: "data", class: one.kind, value: one.data }).forEach((pair) =>
      node.setAttribute(...pair));
    if (one.data.startsWith("g:")) node.lang = one.data.slice(2); // a language's own name
    if (one.letter) node.append(made("span", "letter", one.letter));
    node.append(made("span", "label", one.label));
    if (one.detail) node.append(made("span", "detail", one.detail));
    return node;
  }

  function picture({ src, alt, width, height }) {
    const node = made("img", "picture");
    Object.entries({ src, alt, width, height, loading: "lazy", decoding: "async" }).forEach((pair) =>
      node.setAttribute(...pair));
    return node;
  }

  function drawn(line) {
    const node = made("article", `line ${line.side}`);
    if (line.lang) [node.dir, node.lang] = [line.dir, line.lang];
    node.append(made("span", "unseen", `${line.side === "bot" ? words.bot : words.you} `));
    for (const bubble of line.bubbles) {
      const paragraphs = bubble.paragraphs.map((runs) => paragraph(...runs.map(run)));
      if (line.picture && bubble.kind === "body") paragraphs.unshift(picture(line.picture));
      node.append(made("div", `bubble ${bubble.kind}`, ...paragraphs));
    }
    if (line.buttons.length) {
      const group = made("div", `buttons ${line.layout}`, ...line.buttons.map(button));
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", words.answers);
      node.append(group);
    }
    if (line.extra.length) node.append(made("div", "beside", ...line.extra.map(button)));
    return node;
  }

  // ── The talk ──────────────────────────────────────────────────────────────────────────────────────────
  function add(line) {
    if (line.id && line.id <= last) return;
    last = line.id || last;
    const node = drawn(line);
    const first = document.body.classList.contains("opening") ? talk.firstElementChild : null;
    document.body.classList.remove("opening");
    if (first?.isEqualNode(node)) return; // the puzzle that was on the page already
    first?.remove();
    if (line.side === "bot") {
      talk.querySelectorAll(".bot:not(.old)").forEach((old) => old.classList.add("old"));
      writing.hidden = true;
      keepFromFingers(node);
    }
    const waited = line.side === "learner" ? waiting.firstElementChild : null;
    waited?.remove();
    const follow = nearEnd();
    node.classList.toggle("arriving", !calm && !waited);
    node.addEventListener("animationend", () => node.classList.remove("arriving"), { once: true });
    talk.append(node);
    if (follow) show(node);
    else newest.hidden = false;
  }

  // The second tap of two would land on buttons that have just come to where the finger is. Keys may go on at once.
  function keepFromFingers(node) {
    node.classList.add("unread");
    requestAnimationFrame(() => setTimeout(() => node.classList.remove("unread"), UNREAD));
  }

  const nearEnd = () => document.documentElement.scrollHeight - innerHeight - scrollY < 240 || posting;

  function show(node) {
    newest.hidden = true;
    const behavior = calm ? "auto" : "smooth";
    if (node.offsetHeight > innerHeight * 0.7) node.scrollIntoView({ block: "start", behavior });
    else scrollTo({ top: document.documentElement.scrollHeight, behavior });
  }

  // Where reading goes on once the button that had the focus is gone.
  function focusOn(node) {
    node.tabIndex = -1;
    node.focus({ preventScroll: true });
  }

  function tell(text) {
    if (note.textContent !== text) note.textContent = text;
    if (waiting.lastElementChild) show(waiting.lastElementChild);
  }

  function speak(language) {
    words = language.words;
    document.documentElement.lang = language.code;
    document.documentElement.dir = language.dir;
    document.title = words.name;
    get("tongue").textContent = language.name;
    document.querySelectorAll("[data-text]").forEach((node) => (node.textContent = words[node.dataset.text]));
    document.querySelectorAll("[data-name]").forEach((node) =>
      node.setAttribute("aria-label", words[node.dataset.name]));
    document.querySelectorAll("[data-hint]").forEach((node) => (node.placeholder = words[node.dataset.hint]));
    tongues.querySelectorAll("li > *").forEach((one) =>
      one.lang === language.code ? one.setAttribute("aria-current", "true") : one.removeAttribute("aria-current"));
  }

  // ── Down: the stream ──────────────────────────────────────────────────────────────────────────────────
  function listen() {
    stream?.close();
    if (!window.EventSource) return; // then the answers to posts bring the lines
    stream = new EventSource(`/chat/events?talk=${encodeURIComponent(mark)}&after=${last}`);
    heard = Date.now();
    const on = (name, does) => stream.addEventListener(name, (event) => {
      heard = Date.now();
      held = held || name !== "gone";
      does(JSON.parse(event.data));
    });
    on("line", add);
    on("language", speak);
    on("ideas", (text) => (get("ideas").textContent = text));
    on("ping", () => {});
    on("gone", leave);
    stream.onopen = () => tell(queue.length ? note.textContent : "");
    stream.onerror = () => {
      if (gone) return;
      tell(navigator.onLine ? words.again : words.offline);
      // A browser gives up by itself when it is refused (too many people): then we ask again.
      if (stream.readyState === EventSource.CLOSED) {
        tell(words.busy);
        setTimeout(listen, 5000 + Math.random() * 5000);
      }
    };
  }

  // A line that died while a laptop slept looks alive to its browser: silence tells.
  function listenAgain(seconds) {
    if (mark && !gone && Date.now() - heard > seconds * 1000) listen();
  }

  // The talk is no longer kept: show what is true now, unless that would lose what is being written.
  function leave() {
    gone = true;
    stream?.close();
    if (!held) return refuse();
    if (!posting && !queue.length && !field.value.trim()) location.reload();
  }

  // Without its cookie each tap would begin another talk. What was said so far stays to be read.
  function refuse() {
    refusing = true;
    tell(words.cookie);
  }

  // ── Up: posts, one after the other, each until it is taken ────────────────────────────────────────────
  function newId() {
    const random = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function keep() {
    try {
      if (queue.length) sessionStorage.setItem(KEPT, JSON.stringify(queue));
      else sessionStorage.removeItem(KEPT);
    } catch { /* private windows may refuse; then it lives as long as the page */ }
  }

  function wait(said) {
    waiting.append(made("div", "line learner", made("div", "bubble said", paragraph(said))));
    writing.hidden = false;
    show(writing);
  }

  function send(what, said) {
    if (refusing) return refuse();
    queue.push({ id: newId(), said, ...what });
    keep();
    wait(said);
    post();
  }

  function body({ id, text, data }) {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    // Told only with the opening on the page: the start is what that message answers.
    const opening = document.body.classList.contains("opening");
    // Under the choice of a language, the page's own is only what it had to be written in.
    const language = opening && "unsure" in document.body.dataset ? undefined : document.documentElement.lang;
    const start = opening ? { campaign: new URLSearchParams(location.search).get("c") } : undefined;
    return JSON.stringify({ id, text, data, after: last, language, zone, start });
  }

  async function post() {
    if (posting || !queue.length) return;
    posting = true;
    let next = 0;
    try {
      const headers = { "Content-Type": "application/json" };
      const answer = await fetch("/chat/say", { method: "POST", headers, body: body(queue[0]) });
      if (answer.ok) taken(await answer.json());
      else next = refused(answer);
      pause = 1;
    } catch {
      writing.hidden = true;
      tell(words.offline);
      next = pause;
      pause = Math.min(pause * 2, 15);
    }
    posting = false;
    if (next) setTimeout(post, next * 1000);
    else post();
  }

  function taken(answer) {
    queue.shift();
    keep();
    tell("");
    if (answer.erased) return farewell(answer.lines);
    if (!held && mark && answer.talk !== mark) return refuse();
    if (gone || (mark && answer.talk !== mark)) return location.reload();
    answer.lines.forEach(add);
    if (!mark && answer.talk) {
      mark = answer.talk;
      listen();
    }
    // A press on an old button has no line of its own: its waiting bubble goes when the answer is there.
    setTimeout(() => { if (!queue.length) { waiting.replaceChildren(); writing.hidden = true; } }, 600);
  }

  function refused(answer) {
    if (answer.status === 429 || answer.status >= 500) {
      tell(answer.status === 429 ? words.slow : words.busy);
      return Number(answer.headers.get("Retry-After")) || 3;
    }
    const [lost] = queue.splice(0, 1);
    keep();
    waiting.firstElementChild?.remove();
    writing.hidden = true;
    if (lost.text && !field.value) field.value = lost.text;
    tell(words.refused);
    return 0;
  }

  // Everything is deleted: the last words stand alone, and the next tap begins afresh.
  function farewell(lines) {
    const inside = talk.contains(document.activeElement);
    stream?.close();
    stream = null;
    [mark, last, gone] = ["", 0, false];
    waiting.replaceChildren();
    talk.replaceChildren();
    get("ideas").textContent = "";
    lines.forEach(add);
    if (inside && talk.lastElementChild) focusOn(talk.lastElementChild);
  }

  // ── Hands ─────────────────────────────────────────────────────────────────────────────────────────────
  document.addEventListener("click", (event) => {
    if (!tongues.contains(event.target)) tongues.open = false;
    const pressed = event.target.closest("[name=data], [data-tap]");
    if (!pressed) return;
    event.preventDefault();
    if (event.detail > 1) return; // the second tap of two, whatever has moved under it
    if (tongues.contains(pressed)) tongues.querySelector("summary").focus(); // before the list closes over the focus
    tongues.open = false;
    const data = pressed.dataset.tap ?? pressed.value;
    if (!mark && data.startsWith("g:")) {
      const here = new URL(location.href);
      here.searchParams.set("lang", data.slice(2));
      return location.assign(here);
    }
    if (!queue.some((one) => one.data === data)) {
      send({ data }, (pressed.querySelector(".label") ?? pressed).textContent.trim());
    }
  });

  function sendWords() {
    const text = field.value.trim();
    if (!text) return field.focus();
    if (text.length > LONGEST) return tell(words.long);
    if (refusing) return refuse();
    field.value = "";
    send({ text }, text);
  }

  get("say").addEventListener("submit", (event) => {
    event.preventDefault();
    sendWords();
  });

  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    sendWords();
  });

  tongues.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !tongues.open) return;
    tongues.open = false;
    tongues.querySelector("summary").focus();
  });

  newest.addEventListener("click", () => {
    focusOn(talk.lastElementChild);
    show(talk.lastElementChild);
  });
  addEventListener("offline", () => tell(words.offline));
  addEventListener("online", () => { tell(""); pause = 1; listenAgain(0); post(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) listenAgain(25); });
  setInterval(() => listenAgain(45), 15000);

  // ── Beginning ─────────────────────────────────────────────────────────────────────────────────────────
  try { queue = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]"); } catch { queue = []; }
  get("now")?.removeAttribute("id"); // where a page without us begins to be read
  if (mark) {
    listen();
    scrollTo({ top: document.documentElement.scrollHeight });
  }
  queue.forEach((one) => wait(one.said));
  if (refusing) tell(words.cookie);
  else post();
})();
