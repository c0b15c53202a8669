import { type ReactNode, type Ref, useId, useLayoutEffect, useRef } from 'react'
import { Icon, type IconName } from '../icon/Icon'
import './field.css'

export type FieldState = 'plain' | 'ask' | 'bad'

type Common = {
  label: ReactNode
  hint?: ReactNode
  error?: ReactNode
  state?: FieldState
  disabled?: boolean
  testId?: string
  optional?: string
  id?: string
  describedBy?: string
}

function Labelled({ id, label, hint, error, optional, children }: Common & { id: string; children: ReactNode }) {
  return (
    <div className="ps-field">
      <label htmlFor={id}>
        {label}
        {optional ? <span className="ps-optional"> {optional}</span> : null}
      </label>
      {children}
      {error ? (
        <span className="ps-field-error" id={`${id}-error`}>
          <Icon name="error" size="s" /> {error}
        </span>
      ) : null}
      {hint ? (
        <span className="t-xs mut" id={`${id}-hint`}>
          {hint}
        </span>
      ) : null}
    </div>
  )
}

function described(id: string, { hint, error, describedBy }: Common) {
  return (
    [error ? `${id}-error` : '', hint ? `${id}-hint` : '', describedBy ?? ''].filter((each) => each !== '').join(' ') ||
    undefined
  )
}

type TextProps = Common & {
  value: string
  onChange: (value: string) => void
  onBlur?: () => void
  type?: 'text' | 'password' | 'search' | 'date' | 'tel'
  inputMode?: 'text' | 'numeric' | 'tel'
  placeholder?: string
  autoComplete?: string
  maxLength?: number
  firstFocus?: boolean
  readOnly?: boolean
  ref?: Ref<HTMLInputElement>
}

export function TextField(props: TextProps) {
  const made = useId()
  const id = props.id ?? made
  const state = props.error ? 'bad' : (props.state ?? 'plain')
  return (
    <Labelled {...props} id={id}>
      <input
        id={id}
        ref={props.ref}
        className={`ps-input is-${state}`}
        type={props.type ?? 'text'}
        inputMode={props.inputMode}
        value={props.value}
        placeholder={props.placeholder}
        autoComplete={props.autoComplete ?? 'off'}
        maxLength={props.maxLength}
        disabled={props.disabled}
        readOnly={props.readOnly}
        aria-invalid={state === 'bad' || undefined}
        aria-describedby={described(id, props)}
        data-testid={props.testId}
        data-first-focus={props.firstFocus || undefined}
        spellCheck={props.type === 'password' ? false : undefined}
        onChange={(event) => props.onChange(event.target.value)}
        onBlur={props.onBlur}
      />
    </Labelled>
  )
}

type AreaProps = Common & {
  value: string
  onChange: (value: string) => void
  onBlur?: () => void
  rows?: number
  readOnly?: boolean
}

/** Grows with its text, so nothing that was written is hidden. */
export function TextArea(props: AreaProps) {
  const made = useId()
  const id = props.id ?? made
  const area = useRef<HTMLTextAreaElement>(null)
  const state = props.error ? 'bad' : (props.state ?? 'plain')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const element = area.current
    if (!element) return
    element.style.height = 'auto'
    element.style.height = `${element.scrollHeight + 2}px`
  }, [props.value])
  return (
    <Labelled {...props} id={id}>
      <textarea
        id={id}
        ref={area}
        className={`ps-input ps-area is-${state}`}
        rows={props.rows ?? 2}
        value={props.value}
        disabled={props.disabled}
        readOnly={props.readOnly}
        aria-invalid={state === 'bad' || undefined}
        aria-describedby={described(id, props)}
        data-testid={props.testId}
        onChange={(event) => props.onChange(event.target.value)}
        onBlur={props.onBlur}
      />
    </Labelled>
  )
}

type SelectProps = Common & {
  value: string
  onChange: (value: string) => void
  onBlur?: () => void
  options: { value: string; label: string }[]
  placeholder?: string
  firstFocus?: boolean
}

export function Select(props: SelectProps) {
  const made = useId()
  const id = props.id ?? made
  const state = props.error ? 'bad' : (props.state ?? 'plain')
  return (
    <Labelled {...props} id={id}>
      <span className="ps-select-box">
        <select
          id={id}
          className={`ps-input ps-select is-${state}${props.value === '' ? ' is-empty' : ''}`}
          value={props.value}
          disabled={props.disabled}
          aria-invalid={state === 'bad' || undefined}
          aria-describedby={described(id, props)}
          data-testid={props.testId}
          data-first-focus={props.firstFocus || undefined}
          onChange={(event) => props.onChange(event.target.value)}
          onBlur={props.onBlur}
        >
          {props.placeholder ? <option value="">{props.placeholder}</option> : null}
          {props.options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        <Icon name="expand" size="s" />
      </span>
    </Labelled>
  )
}

type ChoiceProps<V extends string> = {
  legend: ReactNode
  hideLegend?: boolean
  value: V | null
  onChange: (value: V) => void
  options: { value: V; label: ReactNode; hint?: ReactNode; icon?: IconName; testId?: string; disabled?: boolean }[]
  /** In a row when short; as cards when each needs a line of its own. */
  layout?: 'line' | 'cards'
  disabled?: boolean
  error?: ReactNode
}

export function Choice<V extends string>(props: ChoiceProps<V>) {
  const name = useId()
  return (
    <fieldset className={`ps-choice is-${props.layout ?? 'cards'}`} disabled={props.disabled}>
      <legend className={props.hideLegend ? 'hide-text' : undefined}>{props.legend}</legend>
      {props.options.map((option, index) => (
        <label key={option.value} className={`ps-radio${props.value === option.value ? ' is-on' : ''}`}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={props.value === option.value}
            disabled={option.disabled}
            data-testid={option.testId}
            data-first-focus={(index === 0 && props.value === null) || props.value === option.value || undefined}
            onChange={() => props.onChange(option.value)}
          />
          {option.icon ? <Icon name={option.icon} /> : null}
          <span className="grow">
            <span className="ps-radio-label">{option.label}</span>
            {option.hint ? <span className="t-xs mut ps-radio-hint">{option.hint}</span> : null}
          </span>
        </label>
      ))}
      {props.error ? (
        <span className="ps-field-error">
          <Icon name="error" size="s" /> {props.error}
        </span>
      ) : null}
    </fieldset>
  )
}

export function Checkbox({
  checked,
  onChange,
  children,
  disabled,
  testId,
  hint,
}: {
  checked: boolean
  onChange: (checked: boolean) => void
  children: ReactNode
  hint?: ReactNode
  disabled?: boolean
  testId?: string
}) {
  return (
    <label className="ps-check">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        data-testid={testId}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>
        {children}
        {hint ? <span className="t-xs mut ps-radio-hint">{hint}</span> : null}
      </span>
    </label>
  )
}
