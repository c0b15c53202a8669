/** The one way in which screens ask something of the core. */
import type { AnswerOf, Arguments, Command } from './commands'
import { ErrorWithFailure, toFailure } from './failure'
import { host } from './host'

/** Asks, and throws an {@link ErrorWithFailure} when the core refuses. */
export async function call<C extends Command>(command: C, ...rest: Arguments<C>): Promise<AnswerOf<C>> {
  try {
    return await (await host()).invoke(command, rest[0])
  } catch (refusal) {
    throw new ErrorWithFailure(toFailure(refusal))
  }
}
