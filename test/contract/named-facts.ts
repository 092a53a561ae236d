import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../support/imports';

/** Which test files name a fact in a title, by its id. Comments don't count: nobody reads them when a test fails. */
export function namedFacts(): ReadonlyMap<string, readonly string[]> {
  const named = new Map<string, string[]>();
  for (const file of testFiles()) {
    for (const id of new Set(textsOf(file).flatMap((text) => text.match(/\b[HS]-\d+[a-z]?\b/g) ?? []))) {
      named.set(id, [...(named.get(id) ?? []), file]);
    }
  }
  return named;
}

/** Tests, and the flows of clients that they run. */
function testFiles(): string[] {
  const folder = join(ROOT, 'test');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') || /^clients\/[\w-]+\.ts$/.test(name))
    .map((name) => relative(ROOT, join(folder, name)))
    .sort();
}

/** Titles, and the rows that titles are made of. */
function textsOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.ES2022);
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      texts.push(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts;
}
