-- Which buffers the server is attached to, its folders, and what the user can call.
return function(T)
  local nextline, server = require('nextline'), require('nextline.server')
  local check = T.check
  local offered
  local cmd = T.scripted(function()
    return offered
  end)
  if vim.lsp.enable then
    -- Without setup().
    vim.lsp.config('nextline', { cmd = cmd })
    vim.lsp.enable('nextline')
    vim.cmd('doautocmd FileType')
  else
    T.setup({ cmd = cmd })
  end
  local client = T.attached()
  local function folders()
    return vim.tbl_map(function(folder)
      return vim.uri_to_fname(folder.uri):match('[^/]*$')
    end, client.workspace_folders or {})
  end
  local project = vim.fs.normalize(vim.fn.expand('%:p:h'))
  check('the repository is the root', { vim.fs.basename(server.root(0)) }, folders())
  check('no keys unless wanted', {}, vim.api.nvim_buf_get_keymap(0, 'i'))

  local sent = T.record(client)
  -- A file that Neovim knows no type of, then one of another project: the same process, one more folder.
  local other = vim.fn.tempname()
  vim.fn.mkdir(other .. '/.git', 'p')
  vim.fn.writefile({ 'text' }, project .. '/unknown.zzz')
  vim.fn.writefile({ 'fn main() {}' }, other .. '/main.rs')
  for name, path in pairs({ unknown = project .. '/unknown.zzz', other = other .. '/main.rs' }) do
    vim.cmd.edit(path)
    T.wait('the server in the file ' .. name, function()
      return require('nextline.ghost').buffer(0)
    end)
    check('one process for ' .. name, client.id, server.client(0).id)
  end
  table.sort(client.workspace_folders, function(a, b)
    return #a.uri < #b.uri
  end)
  check('both folders', 2, #folders())
  local added = sent.of('workspace/didChangeWorkspaceFolders')
  check('the server is told of it', { 1, vim.uri_from_fname(other) }, { #added, added[1].params.event.added[1].uri })
  check('the other project is one of them', true, vim.tbl_contains(folders(), vim.fs.basename(other)))

  -- Not where nobody edits a file.
  vim.cmd('new | setlocal buftype=nofile | setfiletype rust')
  check('a scratch buffer has no server', false, server.wanted(vim.api.nvim_get_current_buf()))
  check('nor a status', '', nextline.status())
  vim.cmd('bwipeout!')
  check('the home folder is no project', nil, (function()
    vim.cmd.edit(vim.uv.os_homedir() .. '/notes.txt')
    return server.root(0)
  end)())
  vim.cmd.edit(other .. '/main.rs')

  -- The command.
  check('subcommands', { 'chat', 'disable', 'doc', 'edit', 'enable', 'explain', 'fix', 'log', 'new', 'next', 'restart', 'status', 'stop', 'test', 'undo', 'why' }, vim.fn.getcompletion('Nextline ', 'cmdline'))
  vim.cmd('Nextline why')
  T.wait('the reason', function()
    return vim.fn.execute('messages'):match('unsure: nothing was sure enough')
  end)
  vim.cmd('Nextline bogus')
  check('a wrong subcommand is named', true, vim.fn.execute('messages'):match('no subcommand "bogus"; there are') ~= nil)
  check('a wrong option is named', { false, 'nextline: no option "cdm"; there are' }, (function()
    local ok, err = pcall(require('nextline.config').set, { cdm = {} })
    return { ok, err:match('^(.-there are)') }
  end)())

  -- A server that dies takes its ghost text along, and can be had again.
  offered = { items = { { insertText = 'fn main() {}' } } }
  T.keys('<Esc>cc')
  nextline.trigger()
  T.quiet()
  check('shown', T.at_cursor('fn main() {}'), T.screen())
  _G.scripted_leave()
  T.wait('the end of the server', function()
    return not require('nextline.ghost').buffer(0)
  end)
  check('gone with its server', '', T.screen())
  vim.cmd('Nextline restart')
  T.wait('a new server', function()
    local now = server.client(0)
    return now and now.id ~= client.id and require('nextline.ghost').buffer(0).client == now
  end)
end
