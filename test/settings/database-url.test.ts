import { expect, it } from "vitest";

import { config } from "../../src/config.ts";
import { databasePath } from "../../src/settings/database-url.ts";

it.each([
  ["sqlite:data/x.db", "data/x.db"],
  ["sqlite:./data/x.db", "./data/x.db"],
  ["sqlite:../x.db", "../x.db"],
  ["sqlite:/var/lib/x.db", "/var/lib/x.db"],
  ["sqlite://data/x.db", "data/x.db"],
  ["sqlite:///var/lib/x.db", "/var/lib/x.db"],
  ["sqlite:////var/lib/x.db", "/var/lib/x.db"],
  ["sqlite3:data/x.db", "data/x.db"],
  ["SQLite:///var/lib/x.db", "/var/lib/x.db"],
  ["file:data/x.db", "data/x.db"],
  ["file:./x.db", "./x.db"],
  ["file:///var/lib/my%20data/x.db", "/var/lib/my data/x.db"],
  ["sqlite:my data/100%.db", "my data/100%.db"],
])("the file of %s is %s", (url, path) => {
  expect(config({ DATABASE_URL: url }).DATABASE_URL).toBe(`sqlite:${path}`);
});

it.each([
  ["sqlite:C:\\data\\x.db", "C:\\data\\x.db"],
  ["sqlite:c:/data/x.db", "c:/data/x.db"],
  ["sqlite:///C:/data/x.db", "C:/data/x.db"],
  ["file:///C:/data/x.db", "C:/data/x.db"],
])("on Windows, the file of %s is %s", (url, path) => {
  expect(databasePath(url, "win32")).toEqual({ path });
});

it.each([
  ["data/x.db", /^expected sqlite: and the path of a file, such as sqlite:data\/conversations\.db, or postgres:/],
  ["mysql://x", /^expected sqlite:/],
  ["sqlite:", /not of a folder$/],
  ["sqlite:///", /not of a folder$/],
  ["sqlite:data/", /not of a folder$/],
  ["sqlite:..", /not of a folder$/],
  ["sqlite::memory:", /one in memory would be lost$/],
  ["sqlite://:memory:", /one in memory would be lost$/],
  ["file:x.db?mode=memory", /one in memory would be lost$/],
  ["sqlite:x.db?mode=rwc", /without options/],
  ["sqlite:~/x.db", /a shell would replace ~/],
  ["sqlite:C:\\data\\x.db", /this machine has no drives$/],
  ["sqlite:postgres://x", /^expected sqlite:/],
])("%s is refused with a sentence", (url, problem) => {
  expect(databasePath(url, "linux")).toEqual({ problem: expect.stringMatching(problem) });
});
