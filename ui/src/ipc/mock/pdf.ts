/** A small PDF of one page, made of lines of text: enough for the window to draw something true. */

const quoted = (text: string) =>
  [...text.replace(/’/g, "'")]
    .map((sign) => {
      const code = sign.charCodeAt(0)
      if (sign === '(' || sign === ')' || sign === '\\') return `\\${sign}`
      return code < 127 ? sign : code < 256 ? `\\${code.toString(8).padStart(3, '0')}` : '?'
    })
    .join('')

export type Line = { text: string; bold?: boolean; gap?: number; right?: string }

export function makePdf(lines: Line[]): ArrayBuffer {
  let y = 790
  const content: string[] = []
  for (const { text, bold, gap, right } of lines) {
    y -= gap ?? 0
    for (const part of wrap(text)) {
      content.push(`BT /${bold ? 'F2' : 'F1'} 11 Tf 56 ${y} Td (${quoted(part)}) Tj ET`)
      if (right) content.push(`BT /F1 11 Tf 420 ${y} Td (${quoted(right)}) Tj ET`)
      y -= 15
    }
  }
  const stream = content.join('\n')
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R /Resources << /Font << /F1 4 0 R /F2 5 0 R >> >> >>',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>',
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
  ]
  let text = '%PDF-1.4\n'
  const offsets: number[] = []
  objects.forEach((object, index) => {
    offsets.push(text.length)
    text += `${index + 1} 0 obj\n${object}\nendobj\n`
  })
  const start = text.length
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`
  for (const offset of offsets) text += `${String(offset).padStart(10, '0')} 00000 n \n`
  text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`
  return Uint8Array.from(text, (sign) => sign.charCodeAt(0)).buffer
}

function wrap(text: string) {
  const lines: string[] = []
  for (const paragraph of text.split('\n')) {
    let line = ''
    for (const word of paragraph.split(' ')) {
      if (line && `${line} ${word}`.length > 88) {
        lines.push(line)
        line = word
      } else line = line ? `${line} ${word}` : word
    }
    lines.push(line)
  }
  return lines
}
