import { limits } from '../model/limits.ts'
import type { Message } from '../model/message.ts'
import { uuidToSid } from '../model/sid.ts'
import { uuidArray, type Tx } from './engine/db.ts'
import { insertMentions, mentionsOf } from './mention.ts'
import { insertStreams } from './message-stream.ts'
import { toMessage, type NewMentions, type NewMessage, type Numbered } from './message.ts'
import { authorShownIndex, hasPlace } from './shown.ts'
import { followMentions, followReplies } from './thread-follower.ts'
import { addReplies, messageKey, parentKey } from './thread.ts'

/** As a statement of its own: the next one has a snapshot that is newer than these locks, and so sees what others have committed meanwhile. */
const lockStatement = 'SELECT id FROM channels WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE'

const lastOf = (column: string): string =>
  `(SELECT ${column} FROM messages WHERE channel_id = c.id AND ${column.includes('hidden') ? 'hidden_run' : 'uncounted'} IS NOT NULL ORDER BY index DESC LIMIT 1)`

/**
 * Writes messages of locked channels, of which some are more than ordinary ones. It gives hidden and uncounted ones their running numbers: where none is
 * left since a truncation they begin anew, which no difference of two of them notices.
 */
const insertStatement = `
WITH input AS (
  SELECT *
  FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::bigint[], $9::boolean[], $10::boolean[], $11::uuid[], $12::text[], $13::boolean[], $14::text[], $15::boolean[]) WITH ORDINALITY
    AS given (channel_id, member_as_of, id, author, body, attributes, client_message_id,
      parent_index, is_hidden, is_silent, quoted_id, mentions, mentions_channel, sender, is_streaming, ordinal)
), accepted AS (
  SELECT input.*, c.hidden_reply_index, c.last_index + row_number() OVER own AS index, c.last_seq + row_number() OVER own AS seq,
    count(*) FILTER (WHERE is_hidden) OVER own AS hidden_number,
    count(*) FILTER (WHERE is_hidden OR is_silent) OVER own AS uncounted_number
  FROM input JOIN channels c ON c.id = input.channel_id AND c.deleted_at IS NULL AND c.last_left_seq <= input.member_as_of
  WHERE (input.parent_index IS NULL OR (
    SELECT count(*) FROM messages parent
    WHERE parent.channel_id = c.id AND parent.index = input.parent_index AND parent.index >= c.first_index
      AND parent.parent_index IS NULL AND ${hasPlace('parent')}
  ) = 1) AND (NOT input.is_streaming OR ${limits.channelStreams} >= (
    SELECT count(*) FROM message_streams WHERE message_streams.channel_id = c.id
  ) + (SELECT count(*) FROM input other WHERE other.channel_id = c.id AND other.is_streaming AND other.ordinal <= input.ordinal))
  WINDOW own AS (PARTITION BY input.channel_id ORDER BY input.ordinal)
), known AS (
  SELECT c.id AS channel_id, coalesce(${lastOf('index - hidden_run')}, 0) AS hidden, coalesce(${lastOf('uncounted')}, 0) AS uncounted
  FROM channels c WHERE c.id IN (SELECT channel_id FROM accepted)
), numbered AS (
  SELECT accepted.*,
    CASE WHEN is_hidden OR is_silent THEN known.uncounted + uncounted_number END AS uncounted,
    CASE WHEN is_hidden THEN accepted.index - (known.hidden + hidden_number) END AS hidden_run,
    CASE WHEN is_hidden THEN greatest(
      max(accepted.index) FILTER (WHERE NOT is_hidden) OVER (PARTITION BY channel_id, author ORDER BY ordinal), own.index, -1
    ) END AS author_shown_index
  FROM accepted JOIN known USING (channel_id)
  LEFT JOIN LATERAL (${authorShownIndex({
    channelId: 'accepted.channel_id',
    identity: 'accepted.author',
    hiddenIndex: 'accepted.hidden_reply_index',
    where: 'accepted.is_hidden',
  })}) AS own ON true
), moment AS MATERIALIZED (
  SELECT clock_timestamp() AS now
), totals AS (
  SELECT channel_id, count(*) AS count, max(index) FILTER (WHERE is_hidden) AS hidden, max(index) FILTER (WHERE NOT is_hidden) AS shown,
    max(index) FILTER (WHERE is_hidden OR is_silent) AS uncounted
  FROM numbered GROUP BY channel_id
), counted AS (
  UPDATE channels c
  SET last_index = c.last_index + totals.count,
      last_seq = c.last_seq + totals.count,
      messages_count = c.messages_count + totals.count,
      last_message_at = greatest(c.last_message_at, moment.now),
      uncounted_index = coalesce(totals.uncounted, c.uncounted_index),
      hidden_reply_index = coalesce(totals.hidden, c.hidden_reply_index),
      shown_index = coalesce(totals.shown, CASE WHEN c.hidden_reply_index = c.last_index THEN c.shown_index ELSE c.last_index END),
      shown_at = CASE WHEN totals.shown IS NOT NULL THEN greatest(c.last_message_at, moment.now)
        WHEN c.hidden_reply_index = c.last_index THEN c.shown_at ELSE c.last_message_at END
  FROM totals, moment
  WHERE c.id = totals.channel_id
)
INSERT INTO messages (channel_id, index, id, seq, author, body, attributes, client_message_id, created_at, updated_at,
  parent_index, quoted_id, is_silent, uncounted, hidden_run, author_shown_index, mentions, mentions_channel, sender, stream_state)
SELECT channel_id, index, id, seq, author, body, attributes, client_message_id, now, now,
  parent_index, quoted_id, nullif(is_silent, false), uncounted, hidden_run, author_shown_index,
  CASE WHEN mentions IS NOT NULL THEN ARRAY (SELECT jsonb_array_elements_text(mentions::jsonb)) END, nullif(mentions_channel, false), sender,
  CASE WHEN is_streaming THEN 'streaming' END
FROM numbered, moment
RETURNING id, index, seq, created_at, hidden_run`

type ExtendedRow = Numbered & { readonly hidden_run: number | null }

/**
 * What `insertMessages` does, for messages of which some have extras, in a few statements: it locks the channels, writes the messages, and
 * then what each kind of extras adds. Undefined also for a reply whose parent was deleted or truncated since it was read, and for one more
 * that streams than the channel may have.
 */
export async function insertExtendedMessages(
  tx: Tx,
  messages: readonly NewMessage[],
): Promise<(Message | undefined)[]> {
  const channelIds = uuidArray([...new Set(messages.map(({ channelId }) => channelId))])
  await tx.run(lockStatement, [channelIds])
  const rows = await tx.run<ExtendedRow>(insertStatement, [
    uuidArray(messages.map(({ channelId }) => channelId)),
    messages.map(({ memberAsOf }) => memberAsOf),
    uuidArray(messages.map(({ id }) => id)),
    messages.map(({ author }) => author),
    messages.map(({ body }) => body),
    messages.map(({ attributes }) => attributes),
    messages.map(({ clientMessageId }) => clientMessageId),
    `{${messages.map(({ extras }) => extras?.parentIndex ?? 'NULL').join()}}`,
    `{${messages.map(({ extras }) => extras?.isHidden ?? false).join()}}`,
    `{${messages.map(({ extras }) => extras?.isSilent ?? false).join()}}`,
    `{${messages.map(({ extras }) => extras?.quotedId?.slice(2) ?? 'NULL').join()}}`,
    messages.map(({ extras }) => toNames(extras?.mentions)),
    `{${messages.map(({ extras }) => extras?.mentions?.channel ?? false).join()}}`,
    messages.map(({ extras }) => extras?.sender ?? null),
    `{${messages.map(({ extras }) => extras?.stream !== undefined).join()}}`,
  ])
  const byId = new Map(rows.map((row) => [uuidToSid('IM', row.id), row]))
  const written = messages.map((message) => {
    const row = byId.get(message.id)
    return row && toExtended(message, row)
  })
  const mentions = written.flatMap((message, at) =>
    message ? mentionsOf(message, messages[at]!.extras?.mentions) : [],
  )
  await insertMentions(tx, mentions)
  await insertStreams(
    tx,
    written.flatMap((message, at) => {
      const stream = messages[at]!.extras?.stream
      return message && stream ? { message, stream } : []
    }),
  )
  const added = await addExtras(tx, written)
  await followMentions(tx, mentions)
  return added
}

const toNames = (mentions: NewMentions | undefined): string | null =>
  mentions && mentions.named.length > 0 ? JSON.stringify(mentions.named.map(({ identity }) => identity)) : null

function toExtended(message: NewMessage, row: ExtendedRow): Message {
  const { extras } = message
  const plain = toMessage(message, row)
  if (!extras) return plain
  return {
    ...plain,
    parentIndex: extras.parentIndex ?? null,
    quotedId: extras.quotedId ?? null,
    isSilent: extras.isSilent || null,
    mentions: extras.mentions?.named.map(({ identity }) => identity) ?? null,
    mentionsChannel: extras.mentions?.channel || null,
    streamState: extras.stream ? 'streaming' : null,
    hiddenRun: row.hidden_run,
  }
}

/** Writes what the extras of new messages change elsewhere. */
async function addExtras(tx: Tx, written: readonly (Message | undefined)[]): Promise<(Message | undefined)[]> {
  const replies = written.filter((message) => message !== undefined && message.parentIndex != null) as Message[]
  if (replies.length === 0) return [...written]
  const parents = await addReplies(tx, replies)
  await followReplies(tx, replies)
  return written.map((message) =>
    message?.parentIndex == null
      ? message
      : { ...message, parent: parents.get(messageKey(parentKey(message))) ?? null },
  )
}
