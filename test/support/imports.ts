import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import ts from 'typescript';

export const ROOT = resolve(__dirname, '../..');

export interface Import {
  /** Path from the root, without extension; or a package's name. */
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Every TypeScript file of the product, by path from the root, without extension. */
export function productFiles(): string[] {
  return ['src', 'workflows', 'activities'].flatMap((room) => filesBelow(join(ROOT, room))).sort();
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => relative(ROOT, join(folder, name)).replace(/\.ts$/, ''));
}

export function sourceOf(file: string): string {
  return readFileSync(join(ROOT, `${file}.ts`), 'utf8');
}

/** What a file imports, statically, by `import()` or by re-export, as the TypeScript compiler reads it. */
export function importsOf(file: string): Import[] {
  const source = ts.createSourceFile(`${file}.ts`, sourceOf(file), ts.ScriptTarget.ES2022, true);
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      found.push({
        to: nameOf(file, node.moduleSpecifier.text),
        typeOnly: node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword,
      });
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      found.push({ to: nameOf(file, node.moduleSpecifier.text), typeOnly: node.isTypeOnly });
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments;
      if (specifier && ts.isStringLiteral(specifier)) found.push({ to: nameOf(file, specifier.text), typeOnly: false });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function nameOf(file: string, specifier: string): string {
  if (specifier.startsWith('.')) return relative(ROOT, resolve(ROOT, file, '..', specifier));
  if (specifier.startsWith('node:')) return 'node:';
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}
