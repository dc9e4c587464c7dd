import { sql } from 'drizzle-orm'
import { isOfBackground, type Sent, type TestStore } from './engine.ts'

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Index Name'?: string
  readonly 'Actual Rows'?: number
  readonly 'Actual Loops'?: number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Total Cost': number
  readonly 'Shared Hit Blocks'?: number
  readonly 'Shared Read Blocks'?: number
  readonly Plans?: readonly PlanNode[]
}

/** How the database answers a statement. */
export interface Plan {
  readonly statement: string
  /** All steps, the outermost first. */
  readonly steps: readonly string[]
  readonly indexes: readonly string[]
  /** Rows that were taken from tables and indexes, those that were thrown away included. */
  readonly rowsRead: number
  /** Those of the cache, too, and each as often as it was read. */
  readonly pagesRead: number
  /** As the planner expects it: above 100,000 it compiles the statement, which takes longer than most. */
  readonly cost: number
}

/** How the very statements that the work sends are answered: planned for their parameters, and once for all parameters. */
export async function plansOf(store: TestStore, work: () => Promise<unknown>): Promise<Plan[]> {
  const sent = await store.statementsOf(work)
  // The beginnings and ends of transactions, those of the background too, have no plan.
  const asked = sent.filter(
    ({ statement }) => !isOfBackground(statement) && !/^(BEGIN|COMMIT|ROLLBACK)/i.test(statement),
  )
  return (await Promise.all(asked.map((one) => explain(store, one)))).flat()
}

async function explain({ db }: TestStore, { statement, parameters }: Sent): Promise<Plan[]> {
  const [own] = await db.run<Explained>(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${statement}`, parameters)
  const [generic] = await db.orm.execute<Explained>(sql.raw(`EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${statement}`))
  return [own, generic].map((explained) => toPlan(statement, explained!['QUERY PLAN'][0]!.Plan))
}

type Explained = Record<'QUERY PLAN', readonly { readonly Plan: PlanNode }[]>

function toPlan(statement: string, root: PlanNode): Plan {
  const nodes = flatten(root)
  const rowsRead = nodes
    .filter((node) => /^(Seq|Index|Index Only|Bitmap Heap|Function) Scan$/.test(node['Node Type']))
    .map((node) => ((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)) * (node['Actual Loops'] ?? 0))
  return {
    statement,
    steps: nodes.map((node) => node['Node Type']),
    indexes: nodes.flatMap((node) => node['Index Name'] ?? []),
    rowsRead: rowsRead.reduce((sum, rows) => sum + rows, 0),
    pagesRead: (root['Shared Hit Blocks'] ?? 0) + (root['Shared Read Blocks'] ?? 0),
    cost: root['Total Cost'],
  }
}

function flatten(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(flatten)]
}
