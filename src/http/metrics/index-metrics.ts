import { gauge, type Metric } from './metric.ts'
import type { MetricSources } from './sources.ts'

/** What is made searchable behind the writes. */
export const indexMetrics = ({ app, background }: MetricSources): Metric[] => [
  gauge({
    name: 'fonechat_unindexed_channels',
    help: 'Channels with messages that this process has written and that cannot be searched by index yet, up to 10,000 for each process.',
    read: () => app.unindexed.size,
  }),
  gauge({
    name: 'fonechat_name_index_writers',
    help: 'Processes that are writing the names of users from before an upgrade, by which users are found.',
    read: () => Number(background.nameIndex.isWriting),
  }),
]
