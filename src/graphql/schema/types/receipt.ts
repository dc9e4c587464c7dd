import { builder } from '../builder.ts'
import { Member, Receipt } from '../refs.ts'

builder.objectType(Receipt, {
  description: 'The positions up to which one member of a channel has read and received. Both only grow.',
  fields: (t) => ({
    member: t.field({
      type: Member,
      description: 'The member who has read and received.',
      resolve: ({ member }) => member,
    }),
    readIndex: t.exposeInt('readIndex', {
      nullable: true,
      description:
        'Index of the newest message that the member has ever marked as read. Null while it has marked none, and while its user has ' +
        '`readReceiptsEnabled` off.',
    }),
    deliveredIndex: t.exposeInt('deliveredIndex', {
      nullable: true,
      description:
        'Index up to which a device of the member has received everything. Null when the channel had no message at that point. What was ' +
        'sent before it joined counts as received. Reading a message in the history does not move it.',
    }),
  }),
})
