import assert from "node:assert/strict";
import { test } from "node:test";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import Script from "../next/script.tsx";
import type { ScriptProps } from "../next/script.tsx";

const TEXTS = ["</script><script>alert(1)</script>", "</SCRIPT >", "<!--<script>", "<sCrIpT", "</scr", "\u2028", "plain < text", "${x}", "\\", "'\"><img>"];

/** What stands in the element. */
function codeOf(props: ScriptProps): string {
  const markup = renderToStaticMarkup(createElement(Script, { id: "code", strategy: "beforeInteractive", ...props }));
  const code = /^<script id="code" data-nscript="beforeInteractive">(.*)<\/script>$/s.exec(markup)?.[1];
  assert.ok(code !== undefined, markup);
  return code;
}

test("code of an early script ends no element and begins none, and means what it meant", () => {
  for (const text of TEXTS) {
    const code = `const said = ${JSON.stringify(text)}; const scripts = 1 <script_length; return [said, scripts];`;
    for (const props of [{ children: code }, { children: [code.slice(0, 13), code.slice(13)] }, { dangerouslySetInnerHTML: { __html: code } }] as ScriptProps[]) {
      const written = codeOf(props);
      assert.doesNotMatch(written, /<\/?script/i, text);
      assert.deepEqual(new Function("script_length", written)(2), [text, true], text);
    }
  }
});

test("a property of a script ends no attribute", () => {
  for (const text of TEXTS) {
    const markup = renderToStaticMarkup(createElement(Script, { src: `/a.js?${text}`, nonce: text, title: text, strategy: "beforeInteractive" }));
    assert.match(markup, /^(?:<link [^<>]*>)*<script(?: [a-zA-Z-]+="[^"<>]*")+><\/script>$/, text);
  }
});
