/** Dates, ages, names and figures, as every screen writes them. The clock is that of Campania, whatever the PC's zone. */
import type { PatientView } from '../ipc/generated/PatientView'

const DAYS = ['dom', 'lun', 'mar', 'mer', 'gio', 'ven', 'sab']
const DAYS_LONG = ['domenica', 'lunedì', 'martedì', 'mercoledì', 'giovedì', 'venerdì', 'sabato']
const MONTHS = ['gen', 'feb', 'mar', 'apr', 'mag', 'giu', 'lug', 'ago', 'set', 'ott', 'nov', 'dic']

const PARTS = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Rome',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

type Moment = { year: number; month: number; day: number; hour: string; minute: string; weekday: number }

function moment(instant: Date): Moment {
  const parts = Object.fromEntries(PARTS.formatToParts(instant).map(({ type, value }) => [type, value]))
  const [year, month, dayOfMonth] = [Number(parts.year), Number(parts.month), Number(parts.day)]
  return {
    year,
    month,
    day: dayOfMonth,
    hour: parts.hour ?? '',
    minute: parts.minute ?? '',
    weekday: new Date(Date.UTC(year, month - 1, dayOfMonth)).getUTCDay(),
  }
}

/** A day (`YYYY-MM-DD`) or an instant (RFC 3339). */
function read(text: string): Moment {
  const dayOnly = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (!dayOnly) return moment(new Date(text))
  const [year, month, dayOfMonth] = [Number(dayOnly[1]), Number(dayOnly[2]), Number(dayOnly[3])]
  return {
    year,
    month,
    day: dayOfMonth,
    hour: '',
    minute: '',
    weekday: new Date(Date.UTC(year, month - 1, dayOfMonth)).getUTCDay(),
  }
}

const two = (figure: number) => String(figure).padStart(2, '0')

/** *16:30* */
export function clock(instant: string) {
  const { hour, minute } = read(instant)
  return `${hour}:${minute}`
}

/** *ven 20 nov* */
export function weekday(text: string) {
  const { weekday: name, day: of, month } = read(text)
  return `${DAYS[name]} ${of} ${MONTHS[month - 1]}`
}

/** *lun*, *lunedì* */
export const weekdayName = (text: string) => DAYS[read(text).weekday] ?? ''
export const weekdayLong = (text: string) => DAYS_LONG[read(text).weekday] ?? ''

/** *20 nov* */
export function dayMonth(text: string) {
  const { day: of, month } = read(text)
  return `${of} ${MONTHS[month - 1]}`
}

/** *ven 20 nov, 16:30* */
export const when = (instant: string) => `${weekday(instant)}, ${clock(instant)}`

/** *18 ago 2026* */
export const dayYear = (text: string) => `${dayMonth(text)} ${read(text).year}`

/** *25/11/2026* */
export function day(text: string) {
  const { day: of, month, year } = read(text)
  return `${two(of)}/${two(month)}/${year}`
}

/** `YYYY-MM-DD` of a day typed as *25/11/2026*; none when it is no day. */
export function typedDay(text: string): string | null {
  const typed = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(text.trim())
  if (!typed) return null
  const iso = `${typed[3]}-${two(Number(typed[2]))}-${two(Number(typed[1]))}`
  const made = new Date(`${iso}T00:00:00Z`)
  return !Number.isNaN(made.getTime()) && made.toISOString().slice(0, 10) === iso ? iso : null
}

/** `YYYY-MM-DD` of an instant, in Campania. */
export function isoDay(instant: Date = new Date()) {
  const { year, month, day: of } = moment(instant)
  return `${year}-${two(month)}-${two(of)}`
}

/** The instant at which the clocks of Campania show this hour of this day; none when it is no hour. */
export function campaniaInstant(on: string, hours: string): string | null {
  const typed = /^([01]?\d|2[0-3])[:.]([0-5]\d)$/.exec(hours.trim())
  if (!typed || !/^\d{4}-\d{2}-\d{2}$/.test(on)) return null
  const [hour, minute] = [two(Number(typed[1])), typed[2]]
  for (const offset of ['+01:00', '+02:00']) {
    const instant = new Date(`${on}T${hour}:${minute}:00${offset}`)
    if (Number.isNaN(instant.getTime())) return null
    const shown = moment(instant)
    if (shown.hour === hour && shown.minute === minute) return instant.toISOString()
  }
  return null
}

/** The day before or after, by count. */
export function shiftDay(text: string, days: number) {
  const { year, month, day: of } = read(text)
  return new Date(Date.UTC(year, month - 1, of + days)).toISOString().slice(0, 10)
}

/** *oggi*, *ieri*, *domani*, else *ven 20 nov* */
export function nearDay(text: string, now: Date = new Date()) {
  const asked = text.length === 10 ? text : isoDay(new Date(text))
  const today = isoDay(now)
  if (asked === today) return 'oggi'
  if (asked === shiftDay(today, -1)) return 'ieri'
  if (asked === shiftDay(today, 1)) return 'domani'
  return weekday(asked)
}

/** Today the hour alone, other days the day as well. */
export const shortWhen = (instant: string, now: Date = new Date()) => {
  const near = nearDay(instant, now)
  return near === 'oggi' ? clock(instant) : `${near} ${clock(instant)}`
}

export function minutesSince(instant: string, now: number = Date.now()) {
  return Math.max(0, Math.floor((now - Date.parse(instant)) / 60_000))
}

/** *07:42*, *1:07:42* */
export function stopwatch(seconds: number) {
  const whole = Math.max(0, Math.floor(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${two(minutes)}:${two(rest)}`
}

/** *4 giorni e 23 ore*, *23 ore*, *12 minuti* */
export function span(milliseconds: number) {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000))
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)]
  const dayWords = days === 1 ? '1 giorno' : `${days} giorni`
  const hourWords = hours === 1 ? '1 ora' : `${hours} ore`
  if (days > 0) return hours > 0 ? `${dayWords} e ${hourWords}` : dayWords
  if (hours > 0) return hourWords
  return minutes === 1 ? '1 minuto' : `${minutes} minuti`
}

/** *2 h 38*, *48 min*, *3 g* */
export function briefSpan(milliseconds: number) {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000))
  if (minutes < 60) return `${minutes} min`
  if (minutes < 1440)
    return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${two(minutes % 60)}`
  return `${Math.floor(minutes / 1440)} g`
}

/** *COGNOME Nome* */
export const personName = ({ family, given }: { family: string; given: string }) =>
  `${family.toLocaleUpperCase('it')} ${given}`.trim()

/** *Nome Cognome*, in running words. */
export const spokenName = ({ family, given }: { family: string; given: string }) => `${given} ${family}`.trim()

export const initials = ({ family, given }: { family: string; given: string }) =>
  `${given.charAt(0)}${family.charAt(0)}`.toLocaleUpperCase('it')

/** Years, and months under two years. */
export function age({ age_months, age_years }: Pick<PatientView, 'age_months' | 'age_years'>) {
  if (age_months !== null) return age_months === 1 ? '1 mese' : `${age_months} mesi`
  return age_years === 1 ? '1 anno' : `${age_years} anni`
}

/** *2,1 MB* */
export function bytes(size: number) {
  if (size < 1000) return `${size} B`
  if (size < 1_000_000) return `${Math.round(size / 1000)} kB`
  return `${(size / 1_000_000).toFixed(1).replace('.', ',')} MB`
}

export const figure = (value: number, digits = 0) => value.toFixed(digits).replace('.', ',')
