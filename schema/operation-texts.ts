import type { CodegenPlugin } from '@graphql-codegen/plugin-helpers'
import { Kind, print, stripIgnoredCharacters, visit, type DocumentNode, type FragmentDefinitionNode } from 'graphql'

/** Operations as the client sends them, with their types. Plain texts are left out of a bundle that does not use them, as objects are not. */
export const plugin: CodegenPlugin['plugin'] = (_schema, files) => {
  const lines = operationTexts(files).map(({ name, suffix, text }) => {
    const types = `types.${name}${suffix}, types.${name}${suffix}Variables`
    return `export const ${name}Document = ${JSON.stringify(text)} as Document<${types}>`
  })
  const prepend = ["import type { Document } from '../document.ts'", "import type * as types from './types.ts'"]
  return { prepend, content: lines.join('\n') }
}

/** Each operation, with the fragments that it uses, without ignorable characters. */
export function operationTexts(files: Parameters<CodegenPlugin['plugin']>[1]) {
  const definitions = files.flatMap(({ document }) => document?.definitions ?? [])
  const fragments = new Map(
    definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION).map((node) => [node.name.value, node]),
  )
  const operations = definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION)
  return operations.map((operation) => {
    const name = operation.name!.value
    const suffix = operation.operation[0]!.toUpperCase() + operation.operation.slice(1)
    const document = {
      kind: Kind.DOCUMENT,
      definitions: [operation, ...usedFragments(operation, fragments)],
    } as DocumentNode
    return { name, suffix, text: stripIgnoredCharacters(print(document)) }
  })
}

function usedFragments(
  node: DocumentNode['definitions'][number],
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  found = new Set<FragmentDefinitionNode>(),
): Set<FragmentDefinitionNode> {
  visit(node, {
    FragmentSpread: ({ name }) => {
      const fragment = fragments.get(name.value)!
      if (found.has(fragment)) return
      found.add(fragment)
      usedFragments(fragment, fragments, found)
    },
  })
  return found
}
