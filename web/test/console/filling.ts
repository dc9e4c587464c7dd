import { toVector } from '../../../src/domain/chat/search-tokens.ts'
import { tokenizerOf } from '../../../src/model/search-text.ts'
import { sidToUuid, type ServiceId, type Sid } from '../../../src/model/sid.ts'
import type { Db } from '../../../src/store/engine/db.ts'
import { writeOldUserNames } from '../../../src/store/user-name.ts'

/** What the service of the console’s specs and bench has. */
const filled = { channels: 1000, messagesOfChannel: 100, users: 200, membersOfChannel: 5 }

/** Messages say one of these, and their number in the channel. */
const sentences = [
  'The delivery from Rotterdam is late again',
  'Can somebody look at the invoice of the second quarter',
  'Thank you, that helped',
  'The new engine is loud above four thousand turns',
  'Lunch at one, as always',
  'Please read the notes before the meeting',
  'No, the other door',
  'Three pallets are missing from the list',
  'I shall be ten minutes late',
  'Works on my machine',
]

/**
 * Puts 1,000 channels with 100 messages each into a service that has none, as if people had been there for a hundred days: users `person-001` to
 * `person-200`, channels `room-0001` to `room-1000` (each tenth private, each hundredth frozen) with five members, of whom some have not received the last
 * messages. Everything can be found.
 */
export async function fillService(db: Db, serviceId: ServiceId): Promise<void> {
  const { channels, messagesOfChannel, users, membersOfChannel } = filled
  const service = sidToUuid(serviceId as Sid)
  await db.run(
    `WITH made AS (
       INSERT INTO users (id, service_id, identity, friendly_name, role_id, created_at, updated_at)
       SELECT (lpad(to_hex(n), 12, '0') || right(replace(gen_random_uuid()::text, '-', ''), 20))::uuid, $1::uuid, 'person-' || lpad(n::text, 3, '0'),
         'Person ' || n, default_service_role_id, now() - interval '100 days', now() - interval '100 days'
       FROM services, generate_series(1, $2::int) AS n WHERE services.id = $1::uuid
       RETURNING id
     )
     INSERT INTO user_names (user_id, token, service_id) SELECT id, '', $1::uuid FROM made`,
    [service, users],
  )
  while ((await writeOldUserNames(db, 200)) > 0);
  await db.run(
    `INSERT INTO channels (
       id, service_id, unique_name, friendly_name, type, created_by, last_index, last_seq, messages_count, members_count, is_frozen,
       last_message_at, created_at, updated_at
     )
     SELECT (lpad(to_hex(n), 12, '0') || right(replace(gen_random_uuid()::text, '-', ''), 20))::uuid, $1::uuid, 'room-' || lpad(n::text, 4, '0'), 'Room ' || n,
       CASE WHEN n % 10 = 0 THEN 'private' ELSE 'public' END, 'system', $3::int - 1, $3::int + $4::int, $3::int, $4::int, n % 100 = 0,
       now() - n * interval '1 minute', now() - interval '100 days', now() - interval '1 day'
     FROM generate_series(1, $2::int) AS n`,
    [service, channels, messagesOfChannel, membersOfChannel],
  )
  // Of channel n the members are n, n + 1, …, by their numbers.
  await db.run(
    `WITH rooms AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM channels WHERE service_id = $1::uuid AND unique_name LIKE 'room-%'),
     people AS (SELECT id, identity, row_number() OVER (ORDER BY id) - 1 AS n FROM users WHERE service_id = $1::uuid AND identity LIKE 'person-%'),
     joined AS (
       INSERT INTO members (channel_id, id, user_id, identity, role_id, seq, joined_seq, user_seq, created_at, updated_at, last_read_index, receipt_index)
       SELECT rooms.id, gen_random_uuid(), people.id, people.identity, default_channel_role_id, k + 1, k + 1, rooms.n,
         now() - interval '99 days', now() - interval '99 days', $3::int - 1 - k, $3::int - 1 - k
       FROM rooms CROSS JOIN generate_series(0, $2::int - 1) AS k
       JOIN people ON people.n = (rooms.n + k) % (SELECT count(*) FROM people)
       JOIN services ON services.id = $1::uuid
       RETURNING channel_id, id, last_read_index
     )
     INSERT INTO deliveries (channel_id, member_id, device_id, delivered_index, delivered_seq)
     SELECT channel_id, id, device, last_read_index, 1 FROM joined, unnest(ARRAY['', 'phone']) AS device`,
    [service, membersOfChannel, messagesOfChannel],
  )
  await fillMessages(db, serviceId)
  // Statistics and the map of visible rows, as the database has them after a while.
  await db.run('VACUUM ANALYZE', [])
}

async function fillMessages(db: Db, serviceId: ServiceId): Promise<void> {
  const service = sidToUuid(serviceId as Sid)
  const { messagesOfChannel, membersOfChannel } = filled
  const tokenizer = tokenizerOf('en')
  const vectors = sentences.map((sentence) => toVector(serviceId, tokenizer.tokenize(sentence)))
  await db.run(
    `WITH present AS (
       SELECT channel_id, identity, row_number() OVER (PARTITION BY channel_id ORDER BY seq) - 1 AS k FROM members
     )
     INSERT INTO messages (channel_id, index, id, seq, author, body, created_at, updated_at)
     SELECT channels.id, n, gen_random_uuid(), $3::int + 1 + n, present.identity, ($4::text[])[1 + n % cardinality($4::text[])] || ' (' || n || ')', sent_at, sent_at
     FROM channels CROSS JOIN generate_series(0, $2::int - 1) AS n
     JOIN present ON present.channel_id = channels.id AND present.k = n % $3::int
     CROSS JOIN LATERAL (SELECT last_message_at - ($2::int - 1 - n) * interval '1 day' AS sent_at) AS at
     WHERE service_id = $1::uuid AND unique_name LIKE 'room-%'
     ORDER BY channels.id, n`,
    [service, messagesOfChannel, membersOfChannel, sentences],
  )
  // A server that runs may have begun to do the same.
  await db.run(
    `INSERT INTO message_search (channel_id, created_at, index, service_id, tokens)
     SELECT channel_id, messages.created_at, index, $1::uuid, (($2::text[])[1 + index % cardinality($2::text[])])::tsvector
     FROM messages JOIN channels ON channels.id = channel_id WHERE service_id = $1::uuid AND unique_name LIKE 'room-%'
     ON CONFLICT DO NOTHING`,
    [service, vectors],
  )
  await db.run(
    `INSERT INTO search_positions (channel_id, seq, language)
     SELECT id, last_seq, 'en' FROM channels WHERE service_id = $1::uuid AND unique_name LIKE 'room-%'
     ON CONFLICT (channel_id) DO UPDATE SET seq = excluded.seq`,
    [service],
  )
}
