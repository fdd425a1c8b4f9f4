-- Neovim 0.12: users who map Neovim's own functions for inline completion get what they see.
local function answer(before, _, params)
  local items = {}
  for _, text in ipairs({ 'let one = first();', 'let one = second();' }) do
    if #before >= 4 and vim.startswith(text, before) then
      local start = { line = params.position.line, character = 0 }
      items[#items + 1] = { insertText = text, range = { start = start, ['end'] = params.position } }
    end
  end
  return { items = params.context.triggerKind == 2 and { items[1] } or items }
end

return function(T)
  if not vim.lsp.inline_completion then
    T.note('skipped', 'this Neovim has no vim.lsp.inline_completion')
    return
  end
  T.setup({ cmd = T.scripted(answer) })
  local sent = T.record(T.attached())
  T.check('enabled', true, vim.lsp.inline_completion.is_enabled({ bufnr = 0 }))
  T.keys('Golet ')
  T.check('shown', T.at_cursor('one = first();'), T.screen())
  T.keys('one')
  T.check('typed through', T.at_cursor(' = first();'), T.screen())
  -- Only the plugin asks: Neovim's own loop would have asked again 200 ms after the last key.
  local asked = #sent.of('textDocument/inlineCompletion')
  local since = vim.uv.now()
  T.wait('longer than the pause of the own loop', function()
    return vim.uv.now() - since > 300
  end)
  T.check('asked by one of the two', asked, #sent.of('textDocument/inlineCompletion'))
  T.check('get() takes it', true, vim.lsp.inline_completion.get())
  T.wait('the text', function()
    return T.line() == 'let one = first();'
  end)
  T.quiet()
  T.keys('<Esc>cclet ')
  require('nextline').trigger()
  T.quiet()
  vim.lsp.inline_completion.select()
  T.check('select() moves on', T.at_cursor('one = second(); (2/2)'), T.screen())
  T.check('and the plugin knows', 'one = second();', require('nextline').text())
  T.check('accepted', true, require('nextline').accept())
  T.check('what was seen', 'let one = second();', T.line())
end
