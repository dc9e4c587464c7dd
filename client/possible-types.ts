import { isAbstractType, type GraphQLSchema } from 'graphql'

/** A plugin of codegen: which types each interface and union stands for. Caches match fragments by it. */
export function plugin(schema: GraphQLSchema): string {
  const types = Object.values(schema.getTypeMap()).filter(isAbstractType)
  const lines = types
    .filter(({ name }) => !name.startsWith('__'))
    .map((type) => {
      const names = schema.getPossibleTypes(type).map(({ name }) => `'${name}'`)
      return `  ${type.name}: [${names.toSorted().join(', ')}],`
    })
  return [
    '/** Which types each interface and union of the schema stands for. */',
    'export const possibleTypes: Record<string, string[]> = {',
    ...lines.toSorted(),
    '}',
    '',
  ].join('\n')
}
