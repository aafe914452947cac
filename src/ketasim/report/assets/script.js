document.documentElement.classList.remove("no-script");
for (const fig of document.querySelectorAll(".fig")) {
  const data = JSON.parse(fig.querySelector("script").textContent), tip = fig.querySelector(".tip");
  const say = v => v == null ? "–" : Math.abs(v) >= 1e5 || (v && Math.abs(v) < 1e-3) ? v.toExponential(2) : String(+v.toPrecision(3));
  const at = (s, x, k) => {
    const i = s.x.findIndex(v => v >= x);
    if (i < 0 || x < s.x[0]) return null;
    if (!i || s.x[i] === x) return s[k][i];
    const f = (x - s.x[i - 1]) / (s.x[i] - s.x[i - 1]);
    return s[k][i - 1] + f * (s[k][i] - s[k][i - 1]);
  };
  const seen = () => [...fig.querySelectorAll("svg")].find(s => getComputedStyle(s).display !== "none");
  for (const b of fig.querySelectorAll("[data-scale]:not(figure)")) b.onclick = () => {
    fig.dataset.scale = b.dataset.scale;
    for (const o of b.parentNode.children) o.setAttribute("aria-pressed", String(o === b));
  };
  const hide = () => { tip.hidden = true; fig.querySelectorAll(".cross").forEach(c => c.remove()); };
  fig.querySelector(".sheet").onpointerleave = hide;
  fig.querySelector(".sheet").onpointermove = e => {
    const svg = seen(), box = svg.getBoundingClientRect(), w = svg.viewBox.baseVal.width;
    const [l, t, r, b] = svg.dataset.plot.split(",").map(Number), [x0, x1] = svg.dataset.x.split(",").map(Number);
    const px = (e.clientX - box.left) * w / box.width;
    if (px < l || px > r) return hide();
    const x = x0 + (px - l) / (r - l) * (x1 - x0), head = document.createElement("div");
    head.textContent = data.x.split(",")[0].split(" ")[0] + " " + say(x) + (data.x.includes(",") ? data.x.split(",")[1] : "");
    tip.replaceChildren(head);
    for (const s of data.series) {
      if (s.points) continue;
      const line = document.createElement("div"), key = document.createElement("i"), value = document.createElement("b");
      key.style.background = `var(--c${s.colour})`;
      key.style.opacity = s.y ? 1 : .4;
      value.textContent = s.y ? say(at(s, x, "y")) : say(at(s, x, "low")) + " – " + say(at(s, x, "high"));
      line.append(key, s.label + " ", value, " " + data.unit);
      tip.append(line);
    }
    hide();
    tip.hidden = false;
    const side = px > w * .55, where = (e.clientX - box.left);
    tip.style.left = side ? "auto" : where + 14 + "px";
    tip.style.right = side ? box.width - where + 14 + "px" : "auto";
    tip.style.top = "12%";
    const cross = document.createElementNS(svg.namespaceURI, "path");
    cross.setAttribute("class", "cross");
    cross.setAttribute("d", `M${px} ${t}V${b}`);
    cross.setAttribute("style", "stroke:var(--soft);stroke-width:1;stroke-dasharray:2,3");
    svg.append(cross);
  };
  const save = (name, url) => { const a = document.createElement("a"); a.download = name; a.href = url; a.click(); };
  const paper = () => {
    hide();
    const copy = seen().cloneNode(true);
    copy.style.display = "block";
    const [, , w, h] = copy.getAttribute("viewBox").split(" ");
    const ground = document.createElementNS(copy.namespaceURI, "rect");
    Object.entries({ width: w, height: h, fill: LIGHT.paper }).forEach(([k, v]) => ground.setAttribute(k, v));
    copy.insertBefore(ground, copy.querySelector("path"));
    return new XMLSerializer().serializeToString(copy).replace(/var\(--(\w+)\)/g, (_, n) => LIGHT[n]);
  };
  const name = fig.dataset.name;
  for (const b of fig.querySelectorAll(".save")) b.onclick = () => {
    if (b.dataset.save === "csv") {
      const rows = [["series", data.x, "value", "low", "high", data.unit]];
      for (const s of data.series) s.x.forEach((x, i) => rows.push([s.label, x, s.y ? s.y[i] : "", s.low ? s.low[i] : "", s.high ? s.high[i] : "", ""]));
      const text = rows.map(r => r.map(c => /[",]/.test(c) ? `"${String(c).replaceAll('"', '""')}"` : c).join(",")).join("\n");
      return save(name + ".csv", URL.createObjectURL(new Blob([text], { type: "text/csv" })));
    }
    const url = URL.createObjectURL(new Blob([paper()], { type: "image/svg+xml" }));
    if (b.dataset.save === "svg") return save(name + ".svg", url);
    const image = new Image();
    image.onload = () => {
      const c = document.createElement("canvas"), k = 2.5, v = seen().viewBox.baseVal;
      c.width = v.width * k; c.height = v.height * k;
      c.getContext("2d").drawImage(image, 0, 0, c.width, c.height);
      save(name + ".png", c.toDataURL("image/png"));
    };
    image.src = url;
  };
}
